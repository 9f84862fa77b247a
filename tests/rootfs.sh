#!/usr/bin/env bash
# Runs the program as OpenShift runs the image: its own root file system, which is read-only and holds nothing but the program, the
# libraries it links and CA certificates; a user that no passwd file knows, with no capabilities; no upstream in reach (S49, R6, R26).
#
#   tests/rootfs.sh PROGRAM        as root
set -euo pipefail

program=$(realpath "$1")
uid=1000680000

# A mount namespace of our own: what is mounted below is gone when this script is.
if [[ -z ${ROOTFS_UNSHARED:-} ]]; then
  ROOTFS_UNSHARED=1 exec unshare --mount --propagation private "$0" "$program"
fi

fail() {
  echo "rootfs: $*" >&2
  [[ -s $log ]] && sed 's/^/  | /' "$log" >&2
  exit 1
}

root=$(mktemp -d)
log=$(mktemp)
pid=
cleanup() {
  if [[ -n $pid ]]; then
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  umount --recursive "$root" 2>/dev/null || true
  rmdir "$root"
  rm -f "$log"
}
trap cleanup EXIT

mount -t tmpfs -o mode=0755 rootfs "$root"
install -D --mode=0755 "$program" "$root/usr/bin/registry-console"
while read -r library; do
  install -D --mode=0755 "$library" "$root$library"
done < <(ldd "$program" | grep --only-matching '/[^ ]*')
if [[ -f /etc/ssl/certs/ca-certificates.crt ]]; then
  install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
fi
mount -o remount,ro "$root"
if touch "$root/written" 2>/dev/null; then fail 'the root can be written'; fi

# Ports that are free now; nobody else asks for them in the meantime.
free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
port=$(free_port)
metrics=$(free_port)
nowhere=$(free_port)

env --ignore-environment \
  LISTEN="127.0.0.1:$port" METRICS_LISTEN="127.0.0.1:$metrics" LOG_FORMAT=json \
  KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT="$nowhere" KUBERNETES_INSECURE=true \
  OPENSHIFT_OAUTH_PROVIDER_URL="https://127.0.0.1:$nowhere" OPENSHIFT_OAUTH_CLIENT_ID=cockpit-oauth-client \
  OPENSHIFT_OAUTH_CLIENT_SECRET=not-a-secret COCKPIT_KUBE_URL="https://127.0.0.1:$port" \
  REGISTRY_HOST=registry.example.com REGISTRY_URL="https://127.0.0.1:$nowhere" REGISTRY_ONLY=true \
  "$(command -v chroot)" --userspec="$uid:0" --groups=0 "$root" /usr/bin/registry-console serve >"$log" 2>&1 &
pid=$!

get() {
  node -e '
    require("http").get(process.argv[1], answer => {
      let body = "";
      answer.on("data", data => body += data).on("end", () => console.log(answer.statusCode, body.trim()));
    }).on("error", () => process.exit(1));' "http://127.0.0.1:$1$2"
}

for ((try = 0; ; try++)); do
  kill -0 "$pid" 2>/dev/null || fail 'the program left'
  if answer=$(get "$port" /readyz); then break; fi
  ((try < 100)) || fail 'not ready after a hundred tries'
  sleep 0.1
done
[[ $answer == 200* ]] || fail "/readyz with every upstream down: $answer"
[[ $(get "$port" /healthz) == 200* ]] || fail '/healthz'
[[ $(get "$port" /ping) == '200 '*'"service"'* ]] || fail '/ping'
[[ $(get "$metrics" /metrics) == 200* ]] || fail '/metrics'

status=/proc/$pid/status
[[ $(awk '/^Uid:/ { print $2, $3, $4 }' "$status") == "$uid $uid $uid" ]] || fail 'not the user it was given'
for set in CapPrm CapEff CapAmb; do
  grep -q "^$set:[[:space:]]*0*$" "$status" || fail "it has capabilities: $set"
done
for descriptor in /proc/"$pid"/fd/*; do
  case $(readlink "$descriptor") in
    /dev/null | "$log" | socket:* | pipe:* | anon_inode:* | /proc/*) ;;
    *) fail "it holds a file open: $(readlink "$descriptor")" ;;
  esac
done

kill -TERM "$pid"
if wait "$pid"; then left=0; else left=$?; fi
pid=
((left == 0)) || fail "on SIGTERM it left with $left"
echo 'rootfs: runs as any user in a read-only root, and leaves when told.'
