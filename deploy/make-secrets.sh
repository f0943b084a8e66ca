#!/bin/sh
# Makes the secrets of docker-compose.yml in deploy/secrets, each random, and never over one that is there.
# Needs openssl, and mosquitto_passwd (Debian: mosquitto) or Docker for its password file.
set -eu
umask 077
cd "$(dirname "$(readlink -f "$0")")"
mkdir -p secrets
cd secrets

random() { openssl rand -hex 24; }
keep() { [ -s "$1" ] || { printf '%s' "$2" > "$1.new" && mv "$1.new" "$1"; }; }

keep postgres_password "$(random)"
keep database_url "postgresql://arung:$(cat postgres_password)@postgres:5432/arung"
keep database_reader_password "$(random)"
keep mqtt_password "$(random)"
keep mqtt_url "mqtt://arung-controller:$(cat mqtt_password)@mosquitto:1883"
keep influx_password "$(random)"
keep influx_token "$(random)"
keep grafana_password "$(random)"
keep admin_password "$(openssl rand -base64 15)"

# Terminals and agents trust this authority; put the server's own certificate here instead if you have one.
host=${1:-$(hostname -f)}
if [ ! -s mqtt.crt ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj "/CN=Arung MQTT authority" \
    -keyout mqtt_ca.key -out mqtt_ca.crt 2>/dev/null
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$host" -keyout mqtt.key -out mqtt.csr 2>/dev/null
  printf 'subjectAltName=DNS:%s' "$host" > mqtt.ext
  openssl x509 -req -in mqtt.csr -CA mqtt_ca.crt -CAkey mqtt_ca.key -CAcreateserial -days 825 -extfile mqtt.ext -out mqtt.crt 2>/dev/null
  rm -f mqtt.csr mqtt.ext mqtt_ca.srl
fi

if [ ! -s mosquitto_passwords ]; then
  if command -v mosquitto_passwd > /dev/null; then
    : > mosquitto_passwords
    mosquitto_passwd -b mosquitto_passwords arung-controller "$(cat mqtt_password)"
  else
    docker run --rm -v "$PWD:/secrets" eclipse-mosquitto:2.0.22 \
      sh -c 'touch /secrets/mosquitto_passwords && mosquitto_passwd -b /secrets/mosquitto_passwords arung-controller "$(cat /secrets/mqtt_password)"'
  fi
fi

# Containers run as accounts of their own: what each mounts must be readable for it. The folder stays closed to others.
chmod 0700 .
chmod 0444 postgres_password database_url database_reader_password mqtt_password mqtt_url influx_password influx_token grafana_password admin_password mqtt.crt mqtt.key mosquitto_passwords
echo "Secrets are in $PWD. The first sign-in: admin, with the password in admin_password (change it, then empty the file)."
