# syntax=docker/dockerfile:1

FROM rust:1-bookworm AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# The caches are not part of the image, so the binary is taken out of them in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/source/target \
    cargo build --release --locked -p creditbank \
    && install -D target/release/creditbank /built/creditbank

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/creditbank --create-home creditbank
COPY --from=builder /built/creditbank /usr/local/bin/creditbank
USER creditbank
WORKDIR /var/lib/creditbank
ENV CREDITBANK_STORAGE_DIR=/var/lib/creditbank/storage
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["creditbank", "health"]
ENTRYPOINT ["creditbank"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
