# One image for every worker, and for the verbs: relevo, its libraries as uv.lock has them, and Python.
#
# The first stage makes the environment; the second has nothing to build with. Whoever runs it is no user of
# the system (10001), owns nothing but /var/lib/relevo, and needs to write nowhere else.

FROM python:3.13-slim-trixie AS made

RUN pip install --no-cache-dir --quiet --disable-pip-version-check --root-user-action=ignore uv==0.13.9
ENV UV_PROJECT_ENVIRONMENT=/opt/relevo UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=true UV_NO_CACHE=1 \
    UV_COMPILE_BYTECODE=1
WORKDIR /source

# The libraries first: they change less often than the code.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --quiet --no-dev --extra kafka --extra postgres --no-install-project

COPY . .
RUN uv sync --frozen --quiet --no-dev --extra kafka --extra postgres --no-editable

FROM python:3.13-slim-trixie

LABEL org.opencontainers.image.title="Relevo" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=made /opt/relevo /opt/relevo
RUN install --directory --owner=10001 --group=10001 /var/lib/relevo
ENV PATH=/opt/relevo/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /var/lib/relevo
USER 10001:10001
ENTRYPOINT ["relevo"]
CMD ["--help"]
