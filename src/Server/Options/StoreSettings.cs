using static ModelRunner.Server.Options.SettingValues;

namespace ModelRunner.Server.Options;

/// <summary>The settings of the store and of transfers. Names of variables are Docker Model Runner's where it has one.</summary>
internal static class StoreSettings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("models-path", "MODELS_PATH", "ModelRunner:ModelsPath", "folder of pulled models, in Docker Model Runner's layout (default ~/.docker/models)",
            (options, values) => options with { StoreFolder = values[^1] }),
        new("default-registry", "DEFAULT_REGISTRY", "ModelRunner:DefaultRegistry", "registry of names that have none (default: Docker Hub)",
            (options, values) => options with { Transfer = options.Transfer with { DefaultRegistry = values[^1] } }),
        new("insecure-registry", "INSECURE_REGISTRY", "ModelRunner:InsecureRegistry", "the default registry speaks no TLS (default false)",
            (options, values) => options with { Transfer = options.Transfer with { InsecureRegistry = Flag(values[^1], "insecure-registry") } }) { IsFlag = true },
        new("registry-mirrors", "MODEL_RUNNER_REGISTRY_MIRRORS", "ModelRunner:RegistryMirrors", "registries to ask before Docker Hub; repeatable (default: none)",
            (options, values) => options with { Transfer = options.Transfer with { Mirrors = values } }) { Separator = ',' },
        new("private-redirects", "MODEL_RUNNER_PRIVATE_REDIRECTS", "ModelRunner:PrivateRedirects", "registries may send us to addresses of the local network (default false)",
            (options, values) => options with { Transfer = options.Transfer with { AllowPrivateRedirects = Flag(values[^1], "private-redirects") } }) { IsFlag = true },
        new("hf-endpoint", "HF_ENDPOINT", "ModelRunner:HfEndpoint", "address of Hugging Face or of a mirror of it (default https://huggingface.co)",
            (options, values) => options with { Transfer = options.Transfer with { HuggingFace = Address(values[^1]) } }),
        new("hf-token", "HF_TOKEN", "ModelRunner:HfToken", "token for Hugging Face, better not on the command line (default: none)",
            (options, values) => options with { Transfer = options.Transfer with { HuggingFaceToken = values[^1] } }),
        new("docker-config", "DOCKER_CONFIG", "ModelRunner:DockerConfig", "folder of Docker's config.json with logins to registries (default ~/.docker)",
            (options, values) => options with { Transfer = options.Transfer with { DockerConfigFolder = values[^1] } }),
        new("docker-login", "MODEL_RUNNER_DOCKER_LOGIN", "ModelRunner:DockerLogin", "user:password for Docker Hub, better not on the command line (default: none)",
            (options, values) => options with { Transfer = options.Transfer with { DockerHub = Login(values[^1]) } }),
    ];

    private static (string User, string Password) Login(string text) => text.Split(':', 2) is [{ Length: > 0 } user, { Length: > 0 } password]
        ? (user, password)
        : throw new FormatException("docker-login must be user:password.");

    private static Uri Address(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https")
        ? uri
        : throw new FormatException($"'{text}' is no hf-endpoint: it must be an http or https address.");
}
