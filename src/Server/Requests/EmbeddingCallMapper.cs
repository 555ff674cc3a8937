using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The body of <c>embeddings</c> to an embedding request.</summary>
internal static class EmbeddingCallMapper
{
    public static EmbeddingCall Map(in RequestReader request)
    {
        var target = GenerationOptionsMapper.MapTarget(request);
        var inputs = PromptMapper.Map(request, "input", Bounds.MaxEmbeddingInputs);
        var dimensions = request.Integer("dimensions", 1, Bounds.MaxDimensions);
        var isBase64 = request.Text("encoding_format", Bounds.MaxNameLength) switch
        {
            null or "float" => false,
            "base64" => true,
            _ => throw request.Invalid("encoding_format", "must be 'float' or 'base64'"),
        };
        return new(target, new EmbeddingRequest(inputs, dimensions), isBase64);
    }
}
