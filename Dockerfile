# syntax=docker/dockerfile:1

FROM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
# npm fetches llama.cpp, by the lock files of the repository.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish src/Server -c Release -o /app \
    && mkdir /store

# No shell and no package manager; its user is not root.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled
WORKDIR /app
COPY --from=build /app .
# A new volume takes over the owner of the folder that it stands on.
COPY --from=build --chown=$APP_UID:$APP_UID /store /store
# 80, because clients inside of containers call http://model-runner.docker.internal/engines/v1. Inside of a container
# no port is privileged.
ENV MODEL_RUNNER_BIND=0.0.0.0 \
    MODEL_RUNNER_PORT=80 \
    MODEL_RUNNER_MODEL_DIRS=/models \
    MODELS_PATH=/store \
    MODEL_RUNNER_CACHE_DIR=/tmp/modelrunner
USER $APP_UID
EXPOSE 80
# Starts only with MODEL_RUNNER_API_KEY, or with MODEL_RUNNER_ALLOW_ANONYMOUS=true.
ENTRYPOINT ["dotnet", "ModelRunner.Server.dll"]
