{{/* Environment of the container: that of openshift-template.yaml, in its order. */}}
{{- define "registry-console.env" -}}
{{- if .Values.oidc.issuerUrl }}
- name: OIDC_ISSUER_URL
  value: {{ .Values.oidc.issuerUrl | quote }}
- name: OIDC_CLIENT_ID
  value: {{ required "Set oidc.clientId to the client of the console at the OIDC provider" .Values.oidc.clientId | quote }}
{{- if not .Values.oidc.publicClient }}
- name: OIDC_CLIENT_SECRET_FILE
  value: /etc/registry-console/{{ ternary "oidc" "secret" (ne .Values.oidc.existingSecret "") }}/client-secret
{{- end }}
- name: OIDC_SCOPES
  value: {{ .Values.oidc.scopes | quote }}
- name: OIDC_CA_FILE
  value: {{ .Values.oidc.caFile | quote }}
{{- else }}
- name: OPENSHIFT_OAUTH_PROVIDER_URL
  value: {{ required "Set oauth.providerUrl to the public URL of the API server, such as https://api.example.com:6443" .Values.oauth.providerUrl | quote }}
- name: OPENSHIFT_OAUTH_CLIENT_ID
  value: {{ .Values.oauth.clientId | quote }}
- name: OPENSHIFT_OAUTH_CLIENT_SECRET_FILE
  value: /etc/registry-console/secret/client-secret
# Authorization code flow only: without it, a missing secret would make browsers carry tokens in URLs.
- name: OAUTH_IMPLICIT_FLOW
  value: "off"
{{- end }}
- name: COCKPIT_KUBE_URL
  value: {{ include "registry-console.url" . | quote }}
- name: COCKPIT_KUBE_INSECURE
  value: "false"
- name: KUBERNETES_INSECURE
  value: "false"
- name: REGISTRY_ONLY
  value: "true"
- name: REGISTRY_HOST
  value: {{ required "Set registry.host to the host under which people push and pull" .Values.registry.host | quote }}
- name: REGISTRY_URL
  value: {{ .Values.registry.url | quote }}
- name: REGISTRY_CA_FILE
  value: {{ .Values.registry.caFile | quote }}
- name: REGISTRY_BLOB_REDIRECTS
  value: {{ ternary "on" "off" .Values.registry.blobRedirects | quote }}
- name: REGISTRY_BLOB_CA_FILE
  value: {{ .Values.registry.blobCaFile | quote }}
{{- if not .Values.oidc.issuerUrl }}
- name: OAUTH_CA_FILE
  value: {{ .Values.oauth.caFile | quote }}
{{- end }}
- name: INDEX
  value: {{ ternary "on" "off" .Values.index.enabled | quote }}
- name: INDEX_MEMORY
  value: {{ .Values.index.memory | quote }}
- name: INDEX_WORKLOADS
  value: {{ ternary "on" "off" .Values.index.workloads | quote }}
- name: INDEX_SIZES
  value: {{ ternary "on" "off" .Values.index.sizes | quote }}
- name: INDEX_SIZES_RATE
  value: {{ .Values.index.sizesPerSecond | quote }}
- name: SESSION_KEY_FILE
  value: /etc/registry-console/secret/session-key
- name: LOG_LEVEL
  value: {{ .Values.log.level | quote }}
- name: LOG_FORMAT
  value: {{ .Values.log.format | quote }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* What the pods of the Deployment and of the test have in common in their container */}}
{{- define "registry-console.container" -}}
name: registry-console
image: {{ include "registry-console.image" . }}
{{- with .Values.image.pullPolicy }}
imagePullPolicy: {{ . }}
{{- end }}
env:
  {{- include "registry-console.env" . | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
# Fits the restricted SCC, which sets the user ID; that of the image is 1001.
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  runAsNonRoot: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: secret
    mountPath: /etc/registry-console/secret
    readOnly: true
  {{- if .Values.oidc.existingSecret }}
  - name: oidc
    mountPath: /etc/registry-console/oidc
    readOnly: true
  {{- end }}
  - name: ca
    mountPath: /etc/registry-console/ca
    readOnly: true
  # One of the places where the console looks for its certificate.
  - name: certificate
    mountPath: /var/run/secrets/ws-certs.d
    readOnly: true
{{- end }}

{{/* What the pods of the Deployment and of the test have in common besides their container */}}
{{- define "registry-console.pod" -}}
# Users' own tokens decide what they see and change. The token of the service account is used for the index, if it is given the right,
# and by the doctor. It is always mounted, because OpenShift 3 mounts the CA of the cluster together with it.
serviceAccountName: {{ .Values.serviceAccount.name }}
automountServiceAccountToken: true
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: secret
    secret:
      secretName: {{ .Values.secret.name }}
      # 0440, readable by the group: whatever its user ID, a pod is in the group of root or in the one that owns its volumes.
      defaultMode: 288
  {{- with .Values.oidc.existingSecret }}
  - name: oidc
    secret:
      secretName: {{ . }}
      defaultMode: 288
  {{- end }}
  - name: ca
    configMap:
      name: {{ .Values.caConfigMap }}
      optional: true
  - name: certificate
    secret:
      secretName: {{ .Values.tlsSecret | default (include "registry-console.servingCert" .) }}
      defaultMode: 288
      optional: true
{{- end }}
