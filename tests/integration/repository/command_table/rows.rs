//! The table. A new command is run before it gets a row; where that cannot be done, the row says
//! why, and what it was compared with.

/// A command, and whether it was run for real.
#[derive(Clone, Copy)]
pub(super) struct CommandRow {
    /// Its words: see [`Row::fits`].
    pub(super) shape: &'static str,
    /// On OpenShift 3.9.
    #[expect(dead_code, reason = "for the reader of the table")]
    pub(super) on_3: CommandCheck,
    /// On OpenShift 4.
    #[expect(dead_code, reason = "for the reader of the table")]
    pub(super) on_4: CommandCheck,
    /// Nothing that is walked prints it, because it takes a fault or a change that other tests
    /// make.
    pub(super) is_rare: bool,
}

/// How a command was checked.
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "for the reader of the table")]
pub(super) enum CommandCheck {
    /// It was run, and did what the page says. By which client, against what.
    Ran(&'static str),
    /// It was not run. What it was compared with, and why.
    NotRun(&'static str),
    /// It is not printed for this version, or is there for one that is not known.
    Absent,
}

use CommandCheck::{Absent, NotRun, Ran};

const OC: CommandCheck = Ran("oc 4 (Kubernetes 1.35) against the embedded cluster of that version");
/// No client of 3.9 could be had.
const SOURCES_3: CommandCheck =
    NotRun("the command and its options are in the sources of oc 3.9; no such client was at hand");
/// Where the sources were not looked at.
const DOCUMENTED_3: CommandCheck = NotRun(
    "the command and its options are in the documentation of OpenShift 3.x; no such client was at hand",
);
const NO_PODS: CommandCheck = NotRun(
    "oc 4 knows the command and its options; the embedded cluster has no deployments, routes or services",
);
const NO_OPERATORS: CommandCheck = NotRun(
    "oc 4 knows the command and its options; the embedded cluster has no operators and no objects of config.openshift.io",
);

const fn api(shape: &'static str) -> CommandRow {
    CommandRow {
        shape,
        on_3: OC,
        on_4: OC,
        is_rare: false,
    }
}

/// Commands of which only the form for OpenShift 4 was run.
const fn run_on_4(shape: &'static str) -> CommandRow {
    CommandRow {
        shape,
        on_3: SOURCES_3,
        on_4: OC,
        is_rare: false,
    }
}

/// Commands about what the embedded cluster does not have.
const fn installation(shape: &'static str) -> CommandRow {
    CommandRow {
        shape,
        on_3: SOURCES_3,
        on_4: NO_PODS,
        is_rare: false,
    }
}

const fn only_on_4(shape: &'static str, on_4: CommandCheck) -> CommandRow {
    CommandRow {
        shape,
        on_3: Absent,
        on_4,
        is_rare: false,
    }
}

/// Another program: the same on both.
const fn program(shape: &'static str, checked: CommandCheck) -> CommandRow {
    CommandRow {
        shape,
        on_3: checked,
        on_4: checked,
        is_rare: false,
    }
}

const fn rare(row: CommandRow) -> CommandRow {
    CommandRow {
        is_rare: true,
        ..row
    }
}

const SKOPEO: CommandCheck = Ran("skopeo 1.9 against the embedded registry");
const PODMAN: CommandCheck = Ran("podman 4.3 against the embedded registry");
const DOCKER: CommandCheck =
    NotRun("docker 28 knows the command; there was no daemon to pull and push with");
const BUILDAH: CommandCheck = Ran("buildah 1.28 against the embedded registry");
const HELM: CommandCheck = NotRun("no helm at hand: its documentation");
const ORAS: CommandCheck = NotRun("no oras at hand: its documentation");
const SYSTEM: CommandCheck =
    NotRun("changes the machine it runs on: the documentation of that system");
const OPENSSL: CommandCheck = Ran("openssl 3.0, curl 7.88 against the embedded cluster");

pub(super) const ROWS: &[CommandRow] = &[
    // Whoever is signed in.
    rare(api("oc whoami")),
    rare(api("oc whoami -t")),
    api("oc new-project *"),
    api("oc new-project * --display-name=* [--description=*]"),
    api(
        "oc new-project * && oc policy add-role-to-group registry-viewer system:authenticated -n *",
    ),
    api(
        "oc new-project * && oc policy add-role-to-group registry-viewer system:authenticated -n * && oc policy add-role-to-group registry-viewer system:unauthenticated -n *",
    ),
    // Image streams and tags.
    api("oc create imagestream * -n *"),
    CommandRow {
        on_3: SOURCES_3,
        on_4: NotRun("opens an editor: oc 4 knows the command"),
        ..api("oc edit imagestream * -n *")
    },
    api("oc delete imagestream * -n *"),
    api("oc tag * *"),
    api("oc tag --alias * * -n *"),
    rare(api("oc tag -d ...")),
    api(
        "oc tag --source=docker * * [--scheduled] [--insecure] [--reference-policy=local] [--reference]",
    ),
    only_on_4(
        "oc tag --source=docker * * [--scheduled] [--insecure] [--reference-policy=local] [--reference] --import-mode=PreserveOriginal",
        OC,
    ),
    rare(api(
        "oc import-image * [--all] -n * [--reference-policy=local] [--insecure=false]",
    )),
    only_on_4(
        "oc import-image * [--all] -n * --import-mode=PreserveOriginal [--reference-policy=local] [--insecure=false]",
        OC,
    ),
    rare(CommandRow {
        on_3: DOCUMENTED_3,
        on_4: Ran("oc 4 with --dry-run=client; the embedded cluster has no secrets to create"),
        ..api(
            "oc create secret docker-registry NAME --docker-server=* --docker-username=USER --docker-password=PASSWORD --docker-email=unused -n *",
        )
    }),
    // Projects, roles, people.
    api("oc annotate --overwrite project/* ..."),
    api("oc delete project *"),
    CommandRow {
        on_4: Absent,
        ..api("oc policy who-can * imagestreams/layers -n *")
    },
    only_on_4(
        "oc policy who-can * imagestreams --subresource=layers -n *",
        OC,
    ),
    run_on_4("oc adm policy who-can list pods -n *"),
    // Pruning. Run with --ignore-invalid-refs as well, because a workload of the demo has an invalid
    // image reference: the dry run counted as many images as the plan. The run with --confirm ended
    // without an error.
    run_on_4("oc adm prune images"),
    run_on_4(
        "oc adm prune images --keep-tag-revisions=* --keep-younger-than=* [--registry-url=*] [--ignore-invalid-refs] [--confirm]",
    ),
    only_on_4(
        "oc patch imagepruner.imageregistry.operator.openshift.io/cluster --type=merge -p *",
        NO_OPERATORS,
    ),
    api("oc policy add-role-to-user * * -n *"),
    api("oc policy add-role-to-user * -z * -n *"),
    api("oc policy add-role-to-group * * -n *"),
    api("oc policy remove-role-from-user * * -n *"),
    api("oc policy remove-role-from-user * -z * -n *"),
    rare(api("oc policy remove-role-from-group * * -n *")),
    api("oc create user * [--full-name=*]"),
    api("oc patch user * -p *"),
    api("oc delete user *"),
    rare(api("oc create identity *")),
    rare(api("oc create useridentitymapping * *")),
    rare(api("oc delete useridentitymapping *")),
    rare(api("oc delete identity *")),
    api("oc adm groups new * ..."),
    api("oc adm groups add-users * ..."),
    api("oc adm groups remove-users * *"),
    api("oc delete group *"),
    // Logins for machines.
    api("oc delete sa * -n *"),
    api("printf %s * | oc create -n * -f -"),
    api("oc extract secret/* --keys=token --to=- -n *"),
    rare(only_on_4("oc create token * --duration=* -n *", OC)),
    // Signing in to the registry, pushing, pulling.
    CommandRow {
        shape: "oc login *",
        on_3: DOCUMENTED_3,
        on_4: Absent,
        is_rare: false,
    },
    only_on_4(
        "oc registry login --registry=*",
        Ran("oc 4 against the embedded registry, with --insecure"),
    ),
    program(
        "oc whoami -t | docker login -u * --password-stdin *",
        Ran("docker 28 against the embedded registry"),
    ),
    program(
        "oc whoami -t | podman login -u * --password-stdin *",
        PODMAN,
    ),
    program(
        "oc whoami -t | skopeo login -u * --password-stdin *",
        SKOPEO,
    ),
    program(
        "oc whoami -t | buildah login -u * --password-stdin *",
        BUILDAH,
    ),
    program(
        "oc whoami -t | helm registry login -u * --password-stdin *",
        HELM,
    ),
    program(
        r#"read -rs TOKEN && printf %s "$TOKEN" | docker login -u * --password-stdin *; unset TOKEN"#,
        Ran("docker 28 against the embedded registry"),
    ),
    program(
        r#"read -rs TOKEN && printf %s "$TOKEN" | podman login -u * --password-stdin *; unset TOKEN"#,
        PODMAN,
    ),
    program(
        r#"read -rs TOKEN && printf %s "$TOKEN" | skopeo login -u * --password-stdin *; unset TOKEN"#,
        SKOPEO,
    ),
    program(
        r#"read -rs TOKEN && printf %s "$TOKEN" | buildah login -u * --password-stdin *; unset TOKEN"#,
        BUILDAH,
    ),
    program(
        r#"read -rs TOKEN && printf %s "$TOKEN" | helm registry login -u * --password-stdin *; unset TOKEN"#,
        HELM,
    ),
    program("docker tag MY-IMAGE *", DOCKER),
    program("docker push *", DOCKER),
    program("docker pull *", DOCKER),
    program("docker load -i *", DOCKER),
    program("docker tag registry-console:* *", DOCKER),
    program(r#"docker login -u unused -p "$(oc whoami -t)" *"#, DOCKER),
    program(
        "docker images --no-trunc",
        NotRun("docker 28 knows the option; there was no daemon with images"),
    ),
    program(
        r#"skopeo copy --dest-creds "unused:$(oc whoami -t)" docker-archive:* docker://*"#,
        Ran("skopeo 1.9 against Debian's docker-registry"),
    ),
    only_on_4(
        r#"skopeo copy --all --dest-creds "unused:$(oc whoami -t)" oci-archive:* docker://*"#,
        Ran("skopeo 1.9 against Debian's docker-registry and the embedded registry"),
    ),
    program("docker logout *", DOCKER),
    program(
        "podman build -t * .",
        NotRun("takes a release build of the console: the manual page of podman"),
    ),
    program("podman tag MY-IMAGE *", PODMAN),
    program("podman push *", PODMAN),
    program("podman pull *", PODMAN),
    program("podman logout *", PODMAN),
    program("buildah push MY-IMAGE docker://*", BUILDAH),
    program("buildah pull docker://*", BUILDAH),
    program("buildah logout *", BUILDAH),
    program(
        "skopeo copy containers-storage:MY-IMAGE docker://*",
        NotRun("no container storage at hand: the manual page of skopeo"),
    ),
    program("skopeo copy docker://* dir:MY-DIRECTORY", SKOPEO),
    only_on_4(
        "mkdir -p MY-DIRECTORY && oc image extract * --path /:MY-DIRECTORY",
        Ran("oc 4 against the embedded registry"),
    ),
    program(
        "skopeo copy --all docker://OTHER-REGISTRY/NAME:TAG docker://*",
        SKOPEO,
    ),
    rare(program(
        "skopeo inspect [--config] --raw docker://*",
        SKOPEO,
    )),
    program("skopeo logout *", SKOPEO),
    program("helm push CHART-1.0.0.tgz oci://*", HELM),
    program("helm pull oci://* --version *", HELM),
    rare(program("helm pull oci://* --version=*", HELM)),
    program("helm registry logout *", HELM),
    rare(program("oras pull *", ORAS)),
    // Pull secrets.
    installation("oc apply -f pull-secret.yaml -n NAMESPACE"),
    installation("oc secrets link default * --for=pull -n NAMESPACE"),
    installation(
        r#"read -rs TOKEN && printf %s '{"auths":*' | oc create secret generic registry-login --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=/dev/stdin -n NAMESPACE; unset TOKEN"#,
    ),
    // Trusting the registry.
    program("curl -fsSk -o ca.crt *", OPENSSL),
    program(
        "openssl x509 -in ca.crt -noout -fingerprint -sha256 | grep -iF * || rm ca.crt",
        OPENSSL,
    ),
    program("sudo install -D -m 0644 *.crt *", SYSTEM),
    program("install -D -m 0644 ca.crt *", Ran("coreutils 9.1")),
    program("sudo update-ca-trust", SYSTEM),
    program("sudo update-ca-certificates", SYSTEM),
    program(
        "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ca.crt",
        SYSTEM,
    ),
    program(
        r#"osascript -e 'quit app "Docker"'; open -a Docker"#,
        SYSTEM,
    ),
    program("certutil -addstore -f Root ca.crt", SYSTEM),
    program(
        r"Import-Certificate -FilePath ca.crt -CertStoreLocation Cert:\LocalMachine\Root",
        SYSTEM,
    ),
    only_on_4(
        "oc get image.config.openshift.io/cluster -o 'jsonpath={.spec.additionalTrustedCA.name}'",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc create configmap registry-cas -n openshift-config --from-file=*",
        NO_OPERATORS,
    ),
    only_on_4(
        r#"test -z "$(oc get image.config.openshift.io/cluster -o 'jsonpath={.spec.additionalTrustedCA.name}')" && oc patch image.config.openshift.io/cluster --type=merge -p '{"spec":{"additionalTrustedCA":{"name":"registry-cas"}}}'"#,
        NO_OPERATORS,
    ),
    only_on_4(
        "oc set data configmap/CONFIGMAP -n openshift-config --from-file=*",
        NO_OPERATORS,
    ),
    // Giving the registry a name.
    rare(only_on_4(
        r#"oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge -p '{"spec":{"defaultRoute":true}}'"#,
        NO_OPERATORS,
    )),
    rare(only_on_4(
        "oc get route default-route -n openshift-image-registry -o 'jsonpath={.spec.host}'",
        NO_PODS,
    )),
    rare(installation(
        "oc get route docker-registry -n default -o 'jsonpath={.spec.host}'",
    )),
    // Enabling the integrated registry.
    rare(only_on_4(
        "oc get configs.imageregistry.operator.openshift.io/cluster -o 'jsonpath={.spec.managementState} {.spec.storage}'",
        NO_OPERATORS,
    )),
    rare(only_on_4(
        r#"oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge -p '{"spec":{"managementState":"Managed"}}'"#,
        NO_OPERATORS,
    )),
    CommandRow {
        on_3: DOCUMENTED_3,
        on_4: Absent,
        ..installation("oc adm registry [-n] [default]")
    },
    // The installation: the documents, the sign-in page and the doctor.
    installation("oc create -f openshift-template.yaml [-n] [*]"),
    installation(
        "oc create route passthrough [console] --service registry-console --port registry-console --hostname * [-n] [*]",
    ),
    rare(installation(
        "oc create route passthrough console --service registry-console --port registry-console --hostname=* -n *",
    )),
    // With Helm and kustomize.
    installation("oc rsh -n * deployment/registry-console registry-console doctor"),
    only_on_4("oc apply -k overlays/openshift-4", NO_PODS),
    installation("oc apply -f console.yaml"),
    only_on_4("oc delete -k overlays/openshift-4", NO_PODS),
    installation("oc delete -f console.yaml"),
    installation("oc get secret -l createdBy=registry-console-template -n *"),
    installation("oc label secret/* createdBy- -n *"),
    installation("oc label oauthclient/cockpit-oauth-client createdBy-"),
    installation(
        "oc delete dc,service,route,serviceaccount,imagestream registry-console -n * --ignore-not-found",
    ),
    installation("oc delete service registry-console-metrics -n * --ignore-not-found"),
    installation(
        "oc delete clusterrolebinding,clusterrole registry-console-index registry-console-index-workloads registry-console-index-sizes --ignore-not-found",
    ),
    installation(
        "oc delete secret registry-console registry-console-serving-cert -n * --ignore-not-found",
    ),
    only_on_4(
        "oc create configmap registry-console-dashboard -n openshift-config-managed --from-file=*",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc label configmap registry-console-dashboard -n openshift-config-managed console.openshift.io/dashboard=true",
        NO_OPERATORS,
    ),
    installation("oc new-app ..."),
    installation("oc process ..."),
    installation(
        "oc create secret tls console-certificate --cert=console.crt --key=console.key -n default",
    ),
    installation(
        "oc delete secret registry-console-tls -n * --ignore-not-found && oc create secret tls registry-console-tls --cert=tls.crt --key=tls.key -n * && oc set volume */registry-console -n * --add --overwrite --name=certificate --type=secret --secret-name=registry-console-tls --mount-path=/var/run/secrets/ws-certs.d",
    ),
    installation("oc label route registry-console createdBy- -n *"),
    installation("oc set env */registry-console ..."),
    installation("oc set image */registry-console ..."),
    installation("oc rollout status dc/registry-console -n default"),
    installation("oc rollout latest dc/registry-console -n default"),
    only_on_4(
        "oc rollout restart deployment/registry-console -n registry-console",
        NO_PODS,
    ),
    installation("oc replace -f openshift-template.yaml -n default"),
    installation("oc get template registry-console -n default -o yaml > old-template.yaml"),
    installation("oc get dc registry-console -n default -o yaml > old-console.yaml"),
    installation("oc set volume */registry-console ..."),
    installation("oc scale dc/registry-console ..."),
    installation(
        r#"oc patch dc/registry-console -p '{"spec":{"template":{"spec":{"serviceAccountName":"registry-console"}}}}' -n default"#,
    ),
    installation("oc logs ..."),
    installation("oc get service * -n *"),
    rare(installation("oc get routes -n *")),
    installation("oc get route registry-console -n * -o 'jsonpath={.spec.host}'"),
    rare(api("oc get pods -l name=registry-console -n * -o wide")),
    api("oc get oauthclient *"),
    api("oc get oauthclient * -o 'jsonpath={.redirectURIs}'"),
    installation("oc patch oauthclient * --type=* -p *"),
    installation("oc patch oauthclient cockpit-oauth-client --type=merge --patch=*"),
    rare(installation(
        r#"printf %s '{*"kind":"OAuthClient"*' | oc create -f -"#,
    )),
    installation(
        r#"read -rs SECRET && printf %s '{*"kind":"OAuthClient"*"$SECRET"*' | oc create -f -; unset SECRET"#,
    ),
    installation(
        "oc delete secret registry-console-oauth -n * --ignore-not-found && oc get oauthclient * -o 'jsonpath={.secret}' | oc create secret generic registry-console-oauth -n * --from-file=secret=/dev/stdin",
    ),
    installation(
        "oc delete secret registry-console-session -n * --ignore-not-found && openssl rand -base64 64 | tr -d '\\n' | oc create secret generic registry-console-session -n * --from-file=key=/dev/stdin",
    ),
    rare(installation("oc get secret -l name=registry-console -n *")),
    rare(installation(
        "oc create clusterrole registry-console-index --verb=list,watch --resource=imagestreams.image.openshift.io",
    )),
    rare(installation(
        "oc adm policy add-cluster-role-to-user registry-console-index ...",
    )),
    rare(installation(
        "oc create clusterrole registry-console-index-workloads --verb=list,watch --resource=*",
    )),
    rare(installation(
        "oc adm policy add-cluster-role-to-user registry-console-index-workloads ...",
    )),
    rare(installation(
        "oc create clusterrole registry-console-index-sizes --verb=get --resource=imagestreams.image.openshift.io/layers",
    )),
    rare(installation(
        "oc adm policy add-cluster-role-to-user registry-console-index-sizes ...",
    )),
    api("oc whoami --show-server"),
    installation("oc whoami -t | registry-console doctor --token-file -"),
    installation(
        "oc whoami -t | oc rsh -T -n * dc/registry-console registry-console doctor --token-file -",
    ),
    installation("oc rsh -n * dc/registry-console registry-console doctor"),
    installation("oc rsh -n * dc/registry-console registry-console --version"),
    CommandRow {
        on_3: DOCUMENTED_3,
        on_4: NotRun("the command is in the documentation of oc 4; no such client was at hand"),
        ..api("oc get imagestreamtag registry-console:* -n openshift")
    },
    program(
        "oc whoami -t | sed * | curl -K - http*://*/api/v1/images*",
        OPENSSL,
    ),
    program(
        "oc whoami -t | sed * | curl -K - -X PUT --json * https://HOST/api/v1/images/*",
        NotRun(
            "curl 7.88 knows the options; the tests of the API send the same request without curl",
        ),
    ),
    program("registry-console demo ...", Ran("this program")),
    installation("oc delete all -l createdBy=registry-console-template -n default"),
    installation(
        "oc delete all,secret,serviceaccount,hpa -l createdBy=registry-console-template -n default",
    ),
    installation("oc delete oauthclient cockpit-oauth-client"),
    installation("oc delete template registry-console -n default"),
    installation("oc delete route,template registry-console -n default --ignore-not-found"),
    installation("oc delete route console -n default --ignore-not-found"),
    installation(
        "oc delete secret registry-console-oauth registry-console-session registry-console-serving-cert -n default --ignore-not-found",
    ),
    installation(
        "oc delete secret registry-console-tls console-certificate -n default --ignore-not-found",
    ),
    installation("oc delete configmap registry-console-ca -n * --ignore-not-found"),
    installation(
        "oc delete clusterrolebinding,clusterrole registry-console-index --ignore-not-found",
    ),
    installation(
        "oc delete clusterrolebinding,clusterrole registry-console-index-workloads --ignore-not-found",
    ),
    installation(
        "oc delete clusterrolebinding,clusterrole registry-console-index-sizes --ignore-not-found",
    ),
    installation("oc delete is registry-console [-n] [openshift]"),
    only_on_4(
        "oc delete servicemonitor registry-console -n default --ignore-not-found",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc get configmap * -n openshift-config-managed -o 'jsonpath={.data.ca-bundle\\.crt}' > *.crt",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc create configmap registry-console-ca --from-file=*.crt",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc create secret generic registry-console --from-file=client-secret --from-literal=session-key=*",
        Ran("kubectl 1.35 with --dry-run=client"),
    ),
    only_on_4(
        "oc registry login --registry=* --skip-check",
        Ran("oc 4 against the embedded registry"),
    ),
    only_on_4(
        "oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge --patch=*",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc get authentication.config.openshift.io cluster -o 'jsonpath={.spec.type}'",
        NO_OPERATORS,
    ),
    only_on_4(
        "oc get authentication.config.openshift.io cluster -o yaml",
        NO_OPERATORS,
    ),
    only_on_4("oc get clusteroperator *", NO_OPERATORS),
    rare(only_on_4("oc get apiservice *", NO_OPERATORS)),
    only_on_4("oc get pods -n openshift-authentication", NO_OPERATORS),
    only_on_4(
        "oc create token default -n * | sed * | curl -H @- *",
        Ran("oc 4 and curl 7.88 against the embedded cluster and the console"),
    ),
    // What a server shows.
    program("curl -sik *", OPENSSL),
    program("getent hosts *", Ran("glibc 2.36")),
    program(
        "openssl s_client -showcerts -connect * [-servername] [*] </dev/null",
        OPENSSL,
    ),
    program(
        "openssl s_client -showcerts -connect * [-servername] [*] </dev/null | openssl x509 -noout -subject -issuer -dates -ext subjectAltName",
        OPENSSL,
    ),
    rare(program("date -u; curl -sik * | grep -i ^date", OPENSSL)),
];
