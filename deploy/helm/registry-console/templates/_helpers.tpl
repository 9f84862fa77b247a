{{- define "registry-console.fullname" -}}
{{ .Values.fullnameOverride | default .Chart.Name }}
{{- end }}

{{/* By this label the Service and all others select the pods: that of the template. */}}
{{- define "registry-console.selector" -}}
name: {{ include "registry-console.fullname" . }}
{{- end }}

{{- define "registry-console.commonLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "registry-console.labels" -}}
{{ include "registry-console.selector" . }}
{{ include "registry-console.commonLabels" . }}
{{- end }}

{{- define "registry-console.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag }}{{ end }}
{{- end }}
{{- end }}

{{- define "registry-console.url" -}}
{{ required "Set url to the public URL of the console, such as https://registry-console.apps.example.com" .Values.url }}
{{- end }}

{{/* The host of the URL, without a port */}}
{{- define "registry-console.host" -}}
{{ regexReplaceAll "^https://([^:/]+).*$" (include "registry-console.url" .) "${1}" }}
{{- end }}

{{- define "registry-console.clientSecret" -}}
{{ required "Set secret.clientSecret, or have neither secret.create nor oauth.registerClient" .Values.secret.clientSecret }}
{{- end }}

{{/* The subject of the role bindings */}}
{{- define "registry-console.account" -}}
kind: ServiceAccount
name: {{ .Values.serviceAccount.name }}
namespace: {{ .Release.Namespace }}
{{- end }}

{{/* The Secret into which the service CA puts a certificate */}}
{{- define "registry-console.servingCert" -}}
{{ include "registry-console.fullname" . }}-serving-cert
{{- end }}
