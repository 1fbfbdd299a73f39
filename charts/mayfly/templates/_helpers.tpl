{{- define "mayfly.name" -}}
{{- default .Release.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "mayfly.selector" -}}
app.kubernetes.io/name: {{ include "mayfly.name" . }}
app.kubernetes.io/instance: {{ include "mayfly.name" . }}
{{- end -}}

{{- define "mayfly.labels" -}}
{{ include "mayfly.selector" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "mayfly.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ default "latest" .tag }}{{- end -}}
{{- end -}}
{{- end -}}

{{- define "mayfly.serviceAccount" -}}
{{- default (include "mayfly.name" .) .Values.serviceAccount.name -}}
{{- end -}}

{{/* The arguments: those of the image, unless something is added to them. */}}
{{- define "mayfly.args" -}}
{{- $args := .Values.args -}}
{{- if and (not $args) (or .Values.runtimeConfig .Values.leaderLease .Values.metrics) -}}
{{- $args = list "up" "-f" "/spin.toml" "--state-dir" "/state" "--log-dir" "" -}}
{{- end -}}
{{- if .Values.runtimeConfig -}}
{{- $args = concat $args (list "--runtime-config-file" "/runtime-config.toml") -}}
{{- end -}}
{{- if .Values.leaderLease -}}
{{- $args = concat $args (list "--leader-lease" (printf "%s-leader" (include "mayfly.name" .))) -}}
{{- end -}}
{{- if .Values.metrics -}}
{{- $args = concat $args (list "--admin" "0.0.0.0:9090") -}}
{{- end -}}
{{- if $args -}}{{ toJson $args }}{{- end -}}
{{- end -}}
