using ModelRunner.Abstractions.Engines;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>A bundle to OpenAI's model object.</summary>
internal static class ModelMapper
{
    public static ModelObject ToWire(ModelBundle bundle) =>
        new(bundle.Name, "model", bundle.CreatedAt.ToUnixTimeSeconds(), "model-runner");
}
