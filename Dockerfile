# The service as a container. Nothing in it is written to but the volume, so that it runs with a read-only root:
#
#   docker build --tag clausewise .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --publish 8080:8080 --volume clausewise:/var/lib/clausewise clausewise
#
# A council's own clausewise.toml, directory and protocols are mounted into /etc/clausewise.

FROM python:3.12-slim AS build

WORKDIR /build
# Without pip, which the service has no use for: the base image's own installs into it.
RUN python -m venv --without-pip /opt/clausewise
# Before the project, since these change more rarely. Only what the lock has a hash for, and nothing that would need a compiler.
COPY requirements.lock ./
RUN pip --python /opt/clausewise/bin/python install --no-cache-dir --require-hashes --only-binary :all: --requirement requirements.lock
COPY pyproject.toml README.md ./
COPY app/ app/
COPY nlp/ nlp/
RUN pip --python /opt/clausewise/bin/python install --no-cache-dir --no-deps --no-build-isolation .


FROM python:3.12-slim

LABEL org.opencontainers.image.title="Clausewise" \
      org.opencontainers.image.description="A linter for the correspondence of UK councils" \
      org.opencontainers.image.licenses="LicenseRef-Proprietary"

# In numbers, as Kubernetes cannot tell from a name that a user is not root.
RUN install --directory --owner 10001 --group 10001 --mode 0750 /var/lib/clausewise
COPY --from=build /opt/clausewise /opt/clausewise

ENV PATH=/opt/clausewise/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CLAUSEWISE_PORT=8080 \
    CLAUSEWISE_STATE_DIR=/var/lib/clausewise

WORKDIR /etc/clausewise
USER 10001:10001
VOLUME /var/lib/clausewise
EXPOSE 8080

# No proxy: where the container has one for its way out, it does not lead back in.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.build_opener(web.ProxyHandler({})).open(f'http://127.0.0.1:{os.environ[\"CLAUSEWISE_PORT\"]}/readyz', timeout=4)"]

CMD ["clausewise", "serve", "--host", "0.0.0.0"]
