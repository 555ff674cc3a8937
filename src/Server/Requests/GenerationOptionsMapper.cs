using System.Globalization;
using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The options that chat and completions have in common, OpenAI's and those of the peers.</summary>
internal static class GenerationOptionsMapper
{
    // A divisor of logits: below this bound a float has no room left.
    private const double MinPenalty = 0.01;
    private const double MaxPenalty = 100;

    // What clients of llama-server and LM Studio write for "no limit".
    private const int NoLimit = -1;

    public static SamplingOptions MapSampling(in RequestReader request)
    {
        var defaults = SamplingOptions.Default;
        var repetition = request.Number("repetition_penalty", MinPenalty, MaxPenalty)
            ?? request.Number("repeat_penalty", MinPenalty, MaxPenalty);
        return new()
        {
            Temperature = request.Number("temperature", 0, 2) ?? defaults.Temperature,
            TopP = request.Number("top_p", 0, 1) ?? defaults.TopP,

            // vLLM writes -1 for "all", llama-server 0.
            TopK = Math.Max(request.Integer("top_k", -1, int.MaxValue) ?? defaults.TopK, 0),
            MinP = request.Number("min_p", 0, 1) ?? defaults.MinP,
            TypicalP = request.Number("typical_p", 0, 1) ?? defaults.TypicalP,
            RepetitionPenalty = repetition ?? defaults.RepetitionPenalty,
            PenaltyWindow = request.Integer("repeat_last_n", -1, int.MaxValue) ?? defaults.PenaltyWindow,
            FrequencyPenalty = request.Number("frequency_penalty", -2, 2) ?? defaults.FrequencyPenalty,
            PresencePenalty = request.Number("presence_penalty", -2, 2) ?? defaults.PresencePenalty,
            LogitBias = MapLogitBias(request),
            Seed = request.Long("seed"),
        };
    }

    /// <param name="request">The fields.</param>
    /// <param name="maxTokens">The limit, or null up to the context length.</param>
    /// <param name="topLogProbabilities">Alternatives to tell, or -1 for no log probabilities.</param>
    public static OutputOptions MapOutput(in RequestReader request, int? maxTokens, int topLogProbabilities)
    {
        var minTokens = request.Integer("min_tokens", 0, int.MaxValue) ?? 0;
        if (minTokens > maxTokens) throw request.Invalid("min_tokens", "must not be larger than the limit of tokens");
        return new()
        {
            MaxTokens = maxTokens,
            MinTokens = minTokens,
            Stops = MapStops(request),
            StopTokens = MapStopTokens(request),
            IgnoreEndOfGeneration = request.Flag("ignore_eos") ?? false,
            TopLogProbabilityCount = topLogProbabilities,
            CachePrompt = request.Flag("cache_prompt") ?? true,
        };
    }

    /// <summary>Whether to stream, and whether with usage.</summary>
    public static (bool IsStreaming, bool IncludeUsage) MapStream(in RequestReader request)
    {
        var isStreaming = request.Flag("stream") ?? false;
        if (request.Object("stream_options") is not { } options) return (isStreaming, false);
        var includeUsage = options.Flag("include_usage") ?? false;
        if (options.Flag("include_obfuscation") == true) throw options.Invalid("include_obfuscation", "is not supported");
        return isStreaming
            ? (true, includeUsage)
            : throw request.Invalid("stream_options", "is only allowed when 'stream' is true");
    }

    /// <summary>The name under <c>model</c>, and how long the model stays.</summary>
    public static CallTarget MapTarget(in RequestReader request) =>
        request.Text("model", Bounds.MaxNameLength) is { } name && !string.IsNullOrWhiteSpace(name)
            ? new(name, MapKeepAlive(request))
            : throw request.Invalid("model", "is required");

    /// <summary>
    /// The limit of tokens under its three names; all are checked, so that none can carry nonsense. -1 is none, and
    /// gives way to a limit under another name.
    /// </summary>
    /// <param name="request">The fields.</param>
    /// <param name="min">The smallest limit.</param>
    /// <param name="fallback">The limit when none is given; null up to the context length.</param>
    public static int? MapMaxTokens(in RequestReader request, int min, int? fallback = null)
    {
        int?[] limits =
        [
            MapLimit(request, "max_completion_tokens", min), MapLimit(request, "max_tokens", min),

            // llama-server's name, whose 0 computes the prompt alone.
            MapLimit(request, "n_predict", min: 0),
        ];
        return Array.Find(limits, limit => limit >= 0) ?? (limits.Contains(NoLimit) ? null : fallback);
    }

    private static int? MapLimit(in RequestReader request, string name, int min) =>
        request.Integer(name, NoLimit, int.MaxValue) is not { } limit ? null
        : limit >= min || limit == NoLimit ? limit
        : throw request.Invalid(name, $"must be at least {min}, or {NoLimit} for no limit");

    private static TimeSpan? MapKeepAlive(in RequestReader request) => request.Get("keep_alive") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when RequestReader.IsNumber(value, double.MinValue, double.MaxValue, out var seconds) =>
            GoDuration.FromSeconds(seconds) ?? throw request.Invalid("keep_alive", "must be at most ten years"),
        { ValueKind: JsonValueKind.String } value when GoDuration.Parse(request.TextOf(value, "keep_alive")) is { } time => time,
        _ => throw request.Invalid("keep_alive", "must be seconds, or a time such as '5m'"),
    };

    private static Dictionary<int, float> MapLogitBias(in RequestReader request)
    {
        var bias = new Dictionary<int, float>();
        if (request.Object("logit_bias") is not { } map) return bias;
        foreach (var (name, entry) in map.Fields())
        {
            var isToken = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var token);
            if (!isToken || !RequestReader.IsNumber(entry, -100, 100, out var value))
                throw request.Invalid("logit_bias", "must map token ids to numbers from -100 to 100");
            bias[token] = (float)value;
            if (bias.Count > Bounds.MaxLogitBias)
                throw request.Invalid("logit_bias", $"must have at most {Bounds.MaxLogitBias} entries");
        }

        return bias;
    }

    private static List<string> MapStops(in RequestReader request)
    {
        if (request.Get("stop") is not { } stop) return [];
        if (stop.ValueKind == JsonValueKind.String) return [MapStop(request, stop)];
        var stops = new List<string>();
        var length = 0;
        foreach (var entry in request.Array("stop", Bounds.MaxStops)!.Value.EnumerateArray())
        {
            stops.Add(MapStop(request, entry));
            length += stops[^1].Length;
            if (length > Bounds.MaxStopsLength)
                throw request.Invalid("stop", $"must have at most {Bounds.MaxStopsLength} characters in all");
        }

        return stops;
    }

    private static string MapStop(in RequestReader request, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            throw request.Invalid("stop", "must be a string or an array of strings");
        var text = request.TextOf(value, "stop");
        return text.Length is > 0 and <= Bounds.MaxStopLength
            ? text
            : throw request.Invalid("stop", $"must have strings of 1 to {Bounds.MaxStopLength} characters");
    }

    private static List<int> MapStopTokens(in RequestReader request)
    {
        var tokens = new List<int>();
        if (request.Array("stop_token_ids", Bounds.MaxStops) is not { } array) return tokens;
        foreach (var entry in array.EnumerateArray())
            tokens.Add(entry.ValueKind == JsonValueKind.Number && entry.TryGetInt32(out var token) && token >= 0
                ? token
                : throw request.Invalid("stop_token_ids", "must be token ids"));
        return tokens;
    }
}
