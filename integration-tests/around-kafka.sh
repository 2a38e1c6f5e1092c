#!/usr/bin/env bash
# What takes too long for each push: the tests around Kafka, in a cluster of three brokers and two workers, and the tests of
# upgrades, with plugins that are built from earlier commits. Arguments go to Maven, for example -Dstack.kafka.version=4.4.0
# or -Dledger.seed=7. Takes twelve minutes on two cores. Fails if a test fails, but runs both parts.
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
run() { mvn -B -ntp verify -Dstack=embedded "$@" || failed=1; }
run -Paround-kafka -Dit.test=ClusterIT,LostWorkerIT,AclIT,SkippedRecordsIT,QuotaIT,InitialOffsetsIT "$@"
# The connectors' versions need Kafka Connect 4.1.
run -Pupgrades -Dit.test=UpgradeIT "$@"
exit $failed
