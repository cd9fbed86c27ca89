# One image for the web server and the worker; compose.yaml says which is which.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    GUNICORN_CMD_ARGS="--bind=0.0.0.0:8000 --workers=2 --worker-class=gthread --threads=4 --no-control-socket --worker-tmp-dir=/dev/shm"

RUN useradd --system --create-home --home-dir /app bitacora && install --directory --owner=bitacora /data
WORKDIR /app

COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --requirement requirements.txt

COPY . .
RUN SECRET_KEY=build python manage.py compile_catalogs \
 && SECRET_KEY=build python manage.py collectstatic --no-input

USER bitacora
VOLUME /data
EXPOSE 8000
CMD ["gunicorn", "crm.wsgi:application"]
