# Two stages: the first builds, the second holds only what runs, and runs it as nobody
# in particular. Build: docker build -t onboarding .

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements/base.txt requirements/
RUN /venv/bin/pip install --require-hashes -r requirements/base.txt
COPY manage.py ./
COPY accounts accounts
COPY campaigns campaigns
COPY onboarding onboarding
COPY locale locale
COPY static static
COPY templates templates
RUN STATIC_COLLECTED=1 /venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.12-slim-bookworm
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    STATIC_COLLECTED=1 \
    DATA_DIR=/var/lib/onboarding \
    LISTEN=0.0.0.0
RUN useradd --system --uid 10001 --home-dir /var/lib/onboarding --create-home onboarding
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
USER 10001
VOLUME /var/lib/onboarding
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:%s/healthz' % os.environ.get('PORT', 8000), timeout=5)"]
# Everything in one container; compose.yaml gives each part its own.
CMD ["python", "manage.py", "up"]
