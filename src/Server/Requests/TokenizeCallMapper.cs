using System.Text.Json;

namespace ModelRunner.Server.Requests;

/// <summary>The bodies of <c>tokenize</c> and <c>detokenize</c>, under the names of llama-server and of vLLM.</summary>
internal static class TokenizeCallMapper
{
    private const int MaxTokens = 1 << 20;

    public static TokenizeCall Map(in RequestReader request) => new(
        GenerationOptionsMapper.MapTarget(request),
        request.Text("prompt", Bounds.MaxTextLength) ?? request.Text("content", Bounds.MaxTextLength)
            ?? throw request.Invalid("prompt", "is required"),
        request.Flag("add_special_tokens") ?? request.Flag("add_special") ?? false,
        request.Flag("parse_special") ?? true);

    public static DetokenizeCall MapDetokenize(in RequestReader request)
    {
        var target = GenerationOptionsMapper.MapTarget(request);
        if (request.Array("tokens", MaxTokens) is not { } array) throw request.Invalid("tokens", "is required");
        var tokens = new List<int>(array.GetArrayLength());
        foreach (var element in array.EnumerateArray())
            tokens.Add(element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out var token) && token >= 0
                ? token
                : throw request.Invalid("tokens", "must be token ids"));
        return new(target, [.. tokens]);
    }
}
