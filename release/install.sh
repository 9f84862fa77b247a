#!/bin/sh
# Says what an installation from this bundle still needs, and the command for each step. Changes nothing: neither on this machine
# nor in the cluster. Needs a POSIX shell and coreutils; uses docker, podman or skopeo, oc and curl where they are there.
set -u

usage() {
  cat <<'END'
usage: ./install.sh --check [--registry HOST] [--project PROJECT] [--image-project PROJECT] [--language en|zh]

  --registry       host of the registry's route; found with oc where it is left out
  --project        project of the console (default: default)
  --image-project  project that the image is pushed to (default: openshift)
  --language       language of the answers (default: the one of LANG)

Exit code: 0 if nothing is missing, 1 if something is, 2 for mistakes in the command line.
END
}

here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
version=$(cat "$here/VERSION")
certificates=${DOCKER_CERTS:-/etc/docker/certs.d}
check='' registry='' project=default image_project=openshift
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in zh*) language=zh ;; *) language=en ;; esac

while [ $# -gt 0 ]; do
  case $1 in
    --check) check=yes; shift; continue ;;
    --help | -h) usage; exit 0 ;;
    --registry | --project | --image-project | --language) [ $# -gt 1 ] || { usage >&2; exit 2; } ;;
    *) usage >&2; exit 2 ;;
  esac
  case $1 in
    --registry) registry=$2 ;;
    --project) project=$2 ;;
    --image-project) image_project=$2 ;;
    --language) language=$2 ;;
  esac
  shift 2
done
[ -n "$check" ] || { usage >&2; exit 2; }

missing=0

# Each text is there in English and in Chinese.
line() {
  if [ "$language" = zh ]; then printf '%-9s %s\n' "$1" "$3"; else printf '%-9s %s\n' "$1" "$2"; fi
}
ok() { line '[ok]' "$1" "$2"; }
note() { line '[note]' "$1" "$2"; }
todo() { missing=$((missing + 1)); line '[missing]' "$1" "$2"; }
# A command that does the step.
run() { printf '            %s\n' "$*"; }

check_bundle() {
  if (cd "$here" && sha256sum -c SHA256SUMS >/dev/null 2>&1); then
    ok "bundle $version: all files have their checksums" "安装包 $version：所有文件的校验和都正确"
  else
    todo 'bundle: files were changed or are missing; copy the bundle again' '安装包：文件已被修改或缺失，请重新复制安装包'
    run "cd '$here' && sha256sum -c SHA256SUMS | grep -v OK"
  fi
  case $(uname -m) in x86_64) machine=amd64 ;; aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  archive=images/registry-console-$version-$machine-docker.tar
  if [ ! -f "$here/$archive" ]; then
    todo "image: the bundle has none for $machine" "镜像：安装包中没有适用于 $machine 的镜像"
  fi
}

check_tool() {
  tool='' stopped=''
  for candidate in docker podman skopeo; do
    command -v "$candidate" >/dev/null 2>&1 || continue
    # Docker needs its daemon.
    if [ "$candidate" = docker ] && ! docker version >/dev/null 2>&1; then stopped=yes; continue; fi
    tool=$candidate
    break
  done
  if [ -n "$tool" ]; then
    ok "$tool is here" "已安装 $tool"
  elif [ -n "$stopped" ]; then
    todo 'docker is here, but its daemon does not answer' '已安装 docker，但其守护进程没有响应'
    run 'systemctl start docker'
  else
    todo 'docker, podman or skopeo: none of them is here, to push the image with' '没有 docker、podman 或 skopeo，无法推送镜像'
  fi
}

check_loaded() {
  case $tool in docker | podman) ;; *) return ;; esac
  if "$tool" inspect --type=image "registry-console:$version" >/dev/null 2>&1; then
    ok "the image registry-console:$version is loaded" "镜像 registry-console:$version 已加载"
  else
    todo "the image registry-console:$version is not loaded" "镜像 registry-console:$version 尚未加载"
    run "$tool load -i '$here/$archive'"
  fi
}

# Whether the cluster can be asked.
check_oc() {
  if ! command -v oc >/dev/null 2>&1; then
    todo 'oc is not here; copy it from a master, where it is /usr/bin/oc' '没有 oc，请从 master 节点复制 /usr/bin/oc'
    return 1
  fi
  ok "oc is here: $(oc version 2>/dev/null | head -n 1)" "已安装 oc：$(oc version 2>/dev/null | head -n 1)"
  if ! user=$(oc whoami 2>/dev/null); then
    todo 'oc is not signed in' 'oc 尚未登录'
    run 'oc login https://openshift.example.com:8443'
    return 1
  fi
  ok "oc is signed in as $user" "oc 已登录，用户为 $user"
  if [ "$(oc auth can-i create oauthclients 2>/dev/null)" != yes ]; then
    todo "$user may not create an OAuth client; cluster-admin is needed" "$user 无权创建 OAuth 客户端，需要 cluster-admin 权限"
  fi
  if ! oc get --raw /apis/apps.openshift.io/v1 >/dev/null 2>&1; then
    todo 'the cluster has no DeploymentConfig; the template is not for it: see docs/install-openshift-4.md' \
      '集群没有 DeploymentConfig，不能使用此模板：请参阅 docs/install-openshift-4.zh-CN.md'
  fi
  # The name of the registry within the cluster: nodes pull by it, and the console connects to it.
  if oc get --raw /apis/config.openshift.io/v1 >/dev/null 2>&1; then
    service='image-registry.openshift-image-registry.svc:5000'
  else
    service='docker-registry.default.svc:5000'
  fi
}

check_registry() {
  if [ -z "$registry" ]; then registry=$(oc get route docker-registry -n default -o 'jsonpath={.spec.host}' 2>/dev/null); fi
  if [ -z "$registry" ]; then registry=$(oc get route default-route -n openshift-image-registry -o 'jsonpath={.spec.host}' 2>/dev/null); fi
  if [ -z "$registry" ]; then
    todo 'registry: it has no route; name its host with --registry' '镜像仓库没有路由，请使用 --registry 指定其主机名'
    registry=REGISTRY-HOST
    return
  fi
  if ! command -v curl >/dev/null 2>&1; then
    note "curl is not here: whether $registry can be reached was not checked" "没有 curl，未检查能否访问 $registry"
    return
  fi
  ca=$certificates/$registry/ca.crt
  if [ -f "$ca" ]; then set -- --cacert "$ca"; else set --; fi
  answer=$(curl --silent --output /dev/null --write-out '%{http_code}' --max-time 10 "$@" "https://$registry/v2/")
  code=$?
  case $code:$answer in
    0:200 | 0:401) ok "registry $registry answers, and its certificate is trusted" "镜像仓库 $registry 可以访问，其证书受信任" ;;
    6:*) todo "registry: no DNS server knows $registry" "镜像仓库：DNS 无法解析 $registry" ;;
    60:*)
      todo "registry $registry: its certificate authority is not trusted here; put it into this file" \
        "镜像仓库 $registry：本机不信任其证书颁发机构，请将 CA 证书放到以下位置"
      run "mkdir -p $certificates/$registry && cp CA.crt $ca"
      ;;
    0:*) todo "registry $registry answers with status $answer" "镜像仓库 $registry 返回状态码 $answer" ;;
    *) todo "registry $registry cannot be reached (curl ends with $code)" "无法访问镜像仓库 $registry（curl 退出码 $code）" ;;
  esac
}

check_pushed() {
  if oc get imagestreamtag "registry-console:$version" -n "$image_project" >/dev/null 2>&1; then
    ok "the image is in the cluster, in project $image_project" "镜像已在集群的项目 $image_project 中"
    return
  fi
  todo "the image is not in project $image_project of the cluster" "集群的项目 $image_project 中没有镜像"
  case $tool in
    skopeo)
      run "skopeo copy --dest-creds \"unused:\$(oc whoami -t)\" 'docker-archive:$here/$archive' docker://$registry/$image_project/registry-console:$version"
      ;;
    *)
      run "${tool:-docker} tag registry-console:$version $registry/$image_project/registry-console:$version"
      run "${tool:-docker} login -u unused -p \"\$(oc whoami -t)\" $registry"
      run "${tool:-docker} push $registry/$image_project/registry-console:$version"
      ;;
  esac
}

check_route() {
  route=$(oc get route registry-console -n "$project" -o 'jsonpath={.spec.host} {.spec.tls.termination}' 2>/dev/null) || route=
  host=${route%% *}
  if [ -z "$host" ]; then
    todo "the console has no route in project $project" "项目 $project 中没有控制台的路由"
    run "oc create route passthrough --service registry-console --port registry-console --hostname HOST -n $project"
    host=HOST
  elif [ "${route#* }" != passthrough ]; then
    note "the route $host is not passthrough, but ${route#* }: see docs/certificates.md" "路由 $host 的类型是 ${route#* }，而不是 passthrough：请参阅 docs/certificates.zh-CN.md"
  else
    ok "the route of the console is https://$host" "控制台的路由为 https://$host"
  fi
}

check_template() {
  issuer=$(oc get --raw /.well-known/oauth-authorization-server 2>/dev/null | tr ',{' '\n' | sed -n 's/^ *"issuer": *"\(.*\)".*/\1/p')
  if [ -z "$issuer" ]; then
    issuer=https://openshift.example.com:8443
    note 'the public URL of the OAuth server was not found; the commands below have an example' '未找到 OAuth 服务器的公开 URL，以下命令使用示例地址'
  fi
  if ! oc process -f "$here/openshift-template.yaml" -p OPENSHIFT_OAUTH_PROVIDER_URL="$issuer" -p REGISTRY_HOST="$registry" \
    -p COCKPIT_KUBE_URL="https://$host" >/dev/null 2>&1; then
    todo 'the cluster cannot process the template' '集群无法处理模板'
    run "oc process -f '$here/openshift-template.yaml' -p OPENSHIFT_OAUTH_PROVIDER_URL=$issuer -p REGISTRY_HOST=$registry -p COCKPIT_KUBE_URL=https://$host"
  fi
  if oc get template registry-console -n "$project" >/dev/null 2>&1; then
    ok "the template is in project $project" "模板已在项目 $project 中"
  else
    todo "the template is not in project $project" "项目 $project 中没有模板"
    run "oc create -f '$here/openshift-template.yaml' -n $project"
  fi
}

check_deployment() {
  image=$(oc get dc registry-console -n "$project" -o 'jsonpath={.spec.template.spec.containers[0].image}' 2>/dev/null) || image=
  case $image in
    '')
      todo "the console is not deployed in project $project" "项目 $project 中尚未部署控制台"
      run "oc new-app -n $project --template=registry-console -p OPENSHIFT_OAUTH_PROVIDER_URL=$issuer -p REGISTRY_HOST=$registry -p COCKPIT_KUBE_URL=https://$host -p REGISTRY_URL=https://$service -p IMAGE_PREFIX=$service/$image_project/ -p IMAGE_VERSION=$version"
      return
      ;;
    *"/registry-console:$version") ok "the console is deployed with $image" "控制台已部署，镜像为 $image" ;;
    *)
      todo "the console is deployed with another image, $image" "控制台使用的是另一个镜像 $image"
      run "oc set image dc/registry-console registry-console=$service/$image_project/registry-console:$version -n $project"
      ;;
  esac
  available=$(oc get dc registry-console -n "$project" -o 'jsonpath={.status.availableReplicas}' 2>/dev/null)
  if [ "${available:-0}" -gt 0 ]; then
    ok "pods that are available: $available" "可用的 Pod 数量：$available"
  else
    todo 'no pod of the console is available' '控制台没有可用的 Pod'
    run "oc get pods,events -n $project"
    return
  fi
  note 'what only the console can check, the doctor checks' '其余检查由控制台的诊断完成'
  run "oc rsh -n $project dc/registry-console registry-console doctor"
}

check_oauth_client() {
  redirect=$(oc get oauthclient cockpit-oauth-client -o 'jsonpath={.redirectURIs[*]}' 2>/dev/null) || redirect=
  case $redirect in
    '') todo 'there is no OAuth client yet; the template makes it' '还没有 OAuth 客户端，由模板创建' ;;
    *"https://$host"*) ok "the OAuth client leads back to https://$host" "OAuth 客户端的重定向地址为 https://$host" ;;
    *)
      todo "the OAuth client leads back to $redirect, not to https://$host" "OAuth 客户端的重定向地址是 $redirect，而不是 https://$host"
      run "oc patch oauthclient cockpit-oauth-client --type=merge --patch='{\"redirectURIs\":[\"https://$host/oauth/callback\"]}'"
      ;;
  esac
}

check_certificates() {
  if oc get configmap registry-console-ca -n "$project" >/dev/null 2>&1; then
    ok 'there is a ConfigMap with certificate authorities of the site' '已有包含站点 CA 证书的 ConfigMap'
  else
    note 'no ConfigMap registry-console-ca: needed only where the OAuth server or the registry has a certificate of a private authority (docs/certificates.md)' \
      '没有 ConfigMap registry-console-ca：仅当 OAuth 服务器或镜像仓库的证书由私有 CA 签发时才需要（docs/certificates.zh-CN.md）'
  fi
}

check_bundle
check_tool
check_loaded
if check_oc; then
  check_registry
  check_pushed
  check_route
  check_template
  check_deployment
  check_oauth_client
  check_certificates
else
  note 'the cluster was not checked' '未检查集群'
fi

if [ "$missing" -eq 0 ]; then
  line '' 'Nothing is missing.' '没有缺失项。'
  exit 0
fi
line '' "Missing: $missing. Do these steps, and run ./install.sh --check again." "缺失 $missing 项。请完成以上步骤，然后再次运行 ./install.sh --check。"
exit 1
