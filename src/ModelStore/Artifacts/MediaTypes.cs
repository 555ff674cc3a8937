namespace ModelRunner.ModelStore.Artifacts;

/// <summary>The media types of model artifacts: Docker's, and those of CNCF's ModelPack specification.</summary>
internal static class MediaTypes
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string DockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>Layers are known by their types.</summary>
    public const string ConfigV01 = "application/vnd.docker.ai.model.config.v0.1+json";

    /// <summary>One layer a file, each with its path.</summary>
    public const string ConfigV02 = "application/vnd.docker.ai.model.config.v0.2+json";

    public const string Gguf = "application/vnd.docker.ai.gguf.v3";
    public const string Safetensors = "application/vnd.docker.ai.safetensors";
    public const string License = "application/vnd.docker.ai.license";
    public const string Projector = "application/vnd.docker.ai.mmproj";
    public const string ChatTemplate = "application/vnd.docker.ai.chat.template.jinja";
    public const string ModelFile = "application/vnd.docker.ai.model.file";

    public const string ModelPackManifest = "application/vnd.cncf.model.manifest.v1+json";
    public const string ModelPackConfig = "application/vnd.cncf.model.config.v1+json";
    public const string ModelPackGguf = "application/vnd.cncf.model.weight.v1.gguf";
    public const string ModelPackSafetensors = "application/vnd.cncf.model.weight.v1.safetensors";
    public const string ModelPackWeights = "application/vnd.cncf.model.weight.v1.raw";

    /// <summary>The annotation with the path of a layer's file.</summary>
    public const string FilePath = "org.cncf.model.filepath";

    /// <summary>The types of a manifest, as a registry is asked for them.</summary>
    public static IReadOnlyList<string> Manifests { get; } = [OciManifest, DockerManifest, OciIndex, DockerIndex];

    /// <summary>Whether the configuration is one of a model.</summary>
    public static bool IsModelConfig(string? type) => type is ConfigV01 or ConfigV02 or ModelPackConfig;
}
