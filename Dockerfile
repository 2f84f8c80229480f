# syntax=docker/dockerfile:1
# The scale-out image: one program for the server, the worker and the
# migrations. Build: `docker build -t signalbox .`

FROM rust:1.95-bookworm AS build
# Node.js runs wasm-opt and the stylesheet bundler.
COPY --from=node:20-bookworm-slim /usr/local/bin/node /usr/local/bin/node
COPY --from=node:20-bookworm-slim /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
# The caches make a rebuild short; what is wanted is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/root/.cache \
    --mount=type=cache,target=/target \
    CARGO_TARGET_DIR=/target cargo xtask build \
 && mkdir /out \
 && cp -r /target/release/signalbox /target/release/site /out/

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates curl tini \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home --home-dir /var/lib/signalbox signalbox
# The program finds the site folder beside itself.
COPY --from=build /out/ /opt/signalbox/
COPY Leptos.toml /var/lib/signalbox/Leptos.toml
# A volume begins as what is there: the data folder must be the program's own.
RUN install --directory --owner=signalbox --group=signalbox /var/lib/signalbox/data
USER signalbox
WORKDIR /var/lib/signalbox
ENV PORT=3000 \
    SIGNALBOX_DATA_DIR=/var/lib/signalbox/data
EXPOSE 3000
VOLUME /var/lib/signalbox/data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${PORT}/api/v1/health/live"
ENTRYPOINT ["tini", "--", "/opt/signalbox/signalbox"]
CMD ["serve"]
