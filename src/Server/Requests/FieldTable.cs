using System.Collections.Frozen;
using System.Text.Json;

namespace ModelRunner.Server.Requests;

/// <summary>
/// The fields that a body may have. Those that are known are honoured, without effect by contract, or refused; never
/// dropped in silence. A name that nobody knows is ignored and counted, because some clients flatten options of their
/// own into the body.
/// </summary>
internal sealed class FieldTable
{
    private readonly FrozenDictionary<string, FieldRule> _rules;

    private FieldTable(params IReadOnlyList<IReadOnlyList<(string Name, FieldRule Rule)>> groups) =>
        _rules = groups.SelectMany(group => group).ToFrozenDictionary(row => row.Name, row => row.Rule, StringComparer.Ordinal);

    /// <summary>The known names.</summary>
    public IEnumerable<string> Names => _rules.Keys;

    /// <summary>The body of <c>chat/completions</c>.</summary>
    public static FieldTable Chat { get; } = new(
        KnownFields.WithoutEffect,
        KnownFields.Generation,
        KnownFields.RefusedInGeneration,
        KnownFields.Tools,
        [
            ("messages", FieldRules.Read), ("top_logprobs", FieldRules.Read), ("reasoning_effort", FieldRules.Read),
            ("reasoning", FieldRules.Read), ("thinking_budget", FieldRules.Read), ("thinking_token_budget", FieldRules.Read),
            ("chat_template_kwargs", FieldRules.Read), ("best_of", FieldRules.RefuseUnlessNumber(0, 1)),
            ("echo", FieldRules.RefuseUnlessFlag(false)),
        ]);

    /// <summary>The body of <c>completions</c>.</summary>
    public static FieldTable Completion { get; } = new(
        KnownFields.WithoutEffect,
        KnownFields.Generation,
        KnownFields.RefusedInGeneration,
        KnownFields.NoTools,
        [("prompt", FieldRules.Read), ("echo", FieldRules.Read), ("best_of", FieldRules.Read)]);

    /// <summary>The body of <c>tokenize</c>.</summary>
    public static FieldTable Tokenize { get; } = new(
        [.. new[] { "model", "keep_alive", "prompt", "content", "add_special", "add_special_tokens", "parse_special" }.Select(name => (name, FieldRules.Read))]);

    /// <summary>The body of <c>detokenize</c>.</summary>
    public static FieldTable Detokenize { get; } = new(
        [.. new[] { "model", "keep_alive", "tokens" }.Select(name => (name, FieldRules.Read))]);

    /// <summary>The body of <c>embeddings</c>.</summary>
    public static FieldTable Embedding { get; } = new(
        KnownFields.WithoutEffect,
        [
            ("model", FieldRules.Read), ("keep_alive", FieldRules.Read), ("input", FieldRules.Read),
            ("encoding_format", FieldRules.Read), ("dimensions", FieldRules.Read),
            ("truncate_prompt_tokens", FieldRules.Refuse), ("add_special_tokens", FieldRules.RefuseUnlessFlag(true)),
            ("normalize", FieldRules.RefuseUnlessFlag(true)), ("embd_normalize", FieldRules.RefuseUnlessNumber(2)),
            ("pooling", FieldRules.Refuse),
        ]);

    /// <summary>Checks every field against its rule.</summary>
    /// <returns>The names that nobody knows; most often none.</returns>
    /// <exception cref="Abstractions.Errors.InvalidRequestException">A field cannot be honoured; names it.</exception>
    public IReadOnlyList<string> Check(in RequestReader request)
    {
        List<string>? unknown = null;
        foreach (var (name, value) in request.Fields())
        {
            if (!_rules.TryGetValue(name, out var rule))
                (unknown ??= []).Add(name);
            else if (value.ValueKind != JsonValueKind.Null && rule(value) is { } broken)
                throw request.Invalid(name, broken);
        }

        return unknown ?? [];
    }
}
