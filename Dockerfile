# The fake on port 8080, for other containers and for this machine: docker build -t fakekounta . (or `docker compose up`)
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY fakekounta fakekounta
COPY contracts contracts
RUN python -m venv /opt/fakekounta
RUN /opt/fakekounta/bin/pip install --no-cache-dir --disable-pip-version-check '.[intercept]'

FROM python:3.13-slim
COPY --from=build /opt/fakekounta /opt/fakekounta
ENV PATH="/opt/fakekounta/bin:$PATH" PYTHONUNBUFFERED=1
# nobody, as a number: Kubernetes sees that it is not root.
USER 65534:65534
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["fakekounta", "health"]
ENTRYPOINT ["fakekounta"]
CMD ["serve", "--host", "0.0.0.0"]
