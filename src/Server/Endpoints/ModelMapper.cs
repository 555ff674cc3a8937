using System.Globalization;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Runtime;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Endpoints;

/// <summary>A bundle to OpenAI's model object, with the facts that Docker Model Runner and clients look for.</summary>
internal static class ModelMapper
{
    public static ModelObject ToWire(ModelBundle bundle, IReadOnlyList<ResidentSnapshot> residents)
    {
        var resident = residents.FirstOrDefault(resident => resident.ModelName == bundle.Name);
        var trained = bundle.Summary is { ContextLength: > 0 } summary ? summary.ContextLength : (int?)null;
        var loaded = resident is { ContextLength: > 0 } ? resident.ContextLength : (int?)null;
        return new(bundle.Name, "model", bundle.CreatedAt.ToUnixTimeSeconds(), "model-runner")
        {
            Dmr = ToDmr(bundle),
            ContextLength = trained,
            MaxModelLen = loaded ?? trained,
            MaxContextLength = trained,
            LoadedContextLength = loaded,
            Meta = trained is null ? null : new ModelMeta(trained.Value, bundle.Summary!.ParameterCount, bundle.SizeInBytes),
        };
    }

    public static DmrModelFacts ToDmr(ModelBundle bundle) => new(
        bundle.Summary is { ContextLength: > 0 } summary ? summary.ContextLength : null,
        bundle.Summary?.Architecture,
        bundle.Summary is { ParameterCount: > 0 } known ? FormatCount(known.ParameterCount) : null,
        bundle.Summary?.Quantization,
        FormatSize(bundle.SizeInBytes));

    // As Docker Model Runner prints them: 361.82M, 256.35MiB.
    private static string FormatCount(long count) => count switch
    {
        >= 1_000_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e9:0.##}B"),
        >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e6:0.##}M"),
        >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{count / 1e3:0.##}K"),
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    private static string FormatSize(long bytes) => bytes >= 1L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.00}GiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.00}MiB");
}
