#!/usr/bin/env bash
# Starts a distributed Connect worker. Every variable CONNECT_* is a worker setting: CONNECT_GROUP_ID=shop becomes
# group.id=shop, as KAFKA_* variables do for the broker of the base image. The defaults are below.
set -euo pipefail

declare -A settings=(
  [group.id]=connect
  [listeners]=http://:8083
  [plugin.path]=/opt/kafka/plugins
  [key.converter]=org.apache.kafka.connect.json.JsonConverter
  [key.converter.schemas.enable]=false
  [value.converter]=org.apache.kafka.connect.json.JsonConverter
  [value.converter.schemas.enable]=false
  [config.storage.topic]=connect-configs
  [offset.storage.topic]=connect-offsets
  [status.storage.topic]=connect-status
)
for variable in "${!CONNECT_@}"; do
  name=${variable#CONNECT_}
  name=${name,,}
  settings[${name//_/.}]=${!variable}
done

if [[ -z ${settings[bootstrap.servers]:-} ]]; then
  echo "CONNECT_BOOTSTRAP_SERVERS is not set: name the brokers, for example kafka:9092" >&2
  exit 1
fi
if [[ -z $(find "${settings[plugin.path]}" -name 'ectowatch-kafka-connect-*.jar') ]]; then
  echo "this image was built without the connector: run \`mvn package\`, and build the image again" >&2
  exit 1
fi

for name in "${!settings[@]}"; do
  value=${settings[$name]//\\/\\\\}
  echo "$name=${value//$'\n'/\\n}"
done >/tmp/worker.properties

# Shows the metrics to Prometheus. Only a worker with exporter and rules can do that.
exporter=(/opt/jmx-exporter/jmx_prometheus_javaagent-*.jar)
if [[ -n ${ECTOWATCH_METRICS_PORT:-} ]]; then
  if [[ -e ${exporter[0]} ]]; then
    export KAFKA_OPTS="${KAFKA_OPTS:-} -javaagent:${exporter[0]}=$ECTOWATCH_METRICS_PORT:/opt/jmx-exporter/jmx-exporter.yaml"
  else
    echo "ECTOWATCH_METRICS_PORT is ignored: this image was built without the JMX exporter; run \`mvn package\`, and build it again" >&2
  fi
fi
exec /opt/kafka/bin/connect-distributed.sh /tmp/worker.properties
