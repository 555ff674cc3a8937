using System.Globalization;
using System.Text;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Tests.Requests;

/// <summary>
/// Makes bodies that no honest client sends, from the table of known fields and a seed: wrong types, numbers at and past
/// the bounds, odd texts, deep and wide values, doubled names, and now and then a broken byte. About half of the values are
/// valid by OpenAI's schemas, where those are on this machine, but for a part of one now and then: they reach further.
/// </summary>
internal sealed class HostileBodies
{
    // A value of OpenAI's schemas has some ten parts, so that about every fifth has one broken.
    private const int PartsForABreak = 50;

    private static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2", "4", "0.5", "1.5", "-2", "2.0000001", "1e-400", "1e400", "-1e400", "1e308", "128", "129",
        "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "99999999999999999999999", "1E2",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "tiny", "auto", "none", "text", "float", "base64", "user", "system", "assistant", "tool", "5m", "-1", "\\u0000", "\\ud83d\\ude00",
        "\\ud800", "\\udc00\\ud800", "<|im_end|>", "é", "../../etc/passwd", "%s%n", "{{7*7}}", "a\\\\\\\"b", "\\n\\r\\t",
    ];

    private static readonly FieldTable[] Tables = [FieldTable.Chat, FieldTable.Completion, FieldTable.Embedding];
    private static readonly string[] Paths = ["chat/completions", "completions", "embeddings"];
    private static readonly string[] Required =
    [
        "\"model\":\"tiny\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]", "\"model\":\"tiny\",\"prompt\":\"x\"", "\"model\":\"tiny\",\"input\":\"x\"",
    ];

    private static readonly string[] Schemas = ["CreateChatCompletionRequest", "CreateCompletionRequest", "CreateEmbeddingRequest"];

    // Fields with more in them than a number: half of the valid ones.
    private static readonly string[] Deep = ["messages", "tools", "tool_choice", "response_format", "logit_bias", "prompt", "input"];

    // Not for secrets: a case is made again from its number.
#pragma warning disable CA5394
    private readonly Random _random;
    private readonly SchemaValues _valid;
    private readonly string _suffix;
    private readonly string[] _prefixes;

    /// <param name="seed">Makes the same bodies again.</param>
    /// <param name="suffix">Stands behind the fields of every body, and so wins over what they say.</param>
    /// <param name="engine">The engine in the paths that name one.</param>
    public HostileBodies(int seed, string suffix = "", string engine = "llama.cpp")
    {
        _random = new Random(seed);
        _valid = new SchemaValues(_random, () => _random.Next(PartsForABreak) == 0 ? Value(depth: 2) : null);
        _suffix = suffix;
        _prefixes = ["/v1/", "/engines/v1/", $"/engines/{engine}/v1/"];
    }

    /// <summary>Whether a body that was answered has tools or a schema in it.</summary>
    public static bool HasConstraint(byte[] body) =>
        body.AsSpan().IndexOf("\"tools\":[{\"type\":\"function\""u8) >= 0 || body.AsSpan().IndexOf("\"json_schema\":{"u8) >= 0;

    /// <summary>The next call: where to, and what.</summary>
    public (string Path, byte[] Body) Next()
    {
        var call = _random.Next(Paths.Length);
        var names = Tables[call].Names.Order(StringComparer.Ordinal).ToArray();
        var fields = new List<string>();
        if (_random.Next(8) > 0) fields.Add(Required[call]);

        // A third of the bodies are valid as a whole but for broken parts, a third hostile, a third mixed.
        var validity = SchemaValues.AreKnown ? _random.Next(3) : 0;

        // Half of them are mild, so that enough get past the first checks.
        var isMild = _random.Next(2) == 0;
        for (var count = _random.Next(1, isMild || validity == 2 ? 3 : 6); count > 0; count--)
        {
            if (validity == 2 || (validity == 1 && _random.Next(2) == 0))
                AddValid(fields, Schemas[call]);
            else
                fields.Add($"\"{NameOf(names)}\":{(isMild ? Scalar() : Value(depth: 0))}");
        }

        return (Pick(_prefixes) + Paths[call], Damage(Encoding.UTF8.GetBytes($"{{{string.Join(',', fields)}{_suffix}}}")));
    }

    /// <summary>A field as OpenAI's schema has it, and the tools that a choice of tools is about.</summary>
    private void AddValid(List<string> fields, string request)
    {
        var known = SchemaValues.FieldsOf(request);
        var deep = known.Where(field => Deep.Contains(field.Name)).ToList();
        var (name, schema) = _random.Next(2) == 0 ? deep[_random.Next(deep.Count)] : known[_random.Next(known.Count)];
        if (name == "tool_choice")
            fields.Add($"\"tools\":{_valid.Make(known.First(field => field.Name == "tools").Schema)}");

        // Another model is not here, and says nothing about the rest.
        if (name != "model")
            fields.Add($"\"{name}\":{_valid.Make(schema)}");
    }

    private string NameOf(string[] names) => _random.Next(12) == 0 ? Pick(Texts) : Pick(names);

    private string Scalar() => _random.Next(4) switch
    {
        0 => Pick(Numbers),
        1 => $"\"{Pick(Texts)}\"",
        2 => _random.Next(2) == 0 ? "true" : "false",
        _ => "null",
    };

    private string Value(int depth) => _random.Next(depth > 3 ? 5 : 9) switch
    {
        < 4 => Scalar(),
        4 => DeepValue(),
        5 or 6 => $"[{Join(() => Value(depth + 1))}]",
        7 => $"{{{Join(() => $"\"{Pick(Texts)}\":{Value(depth + 1)}")}}}",
        _ => $"[{{\"role\":\"{Pick(Texts)}\",\"content\":{Value(depth + 1)},\"tool_calls\":{Value(depth + 1)}}}]",
    };

    private string DeepValue()
    {
        var levels = _random.Next(50) == 0 ? _random.Next(50, 500) : 2;
        return _random.Next(2) == 0
            ? new string('[', levels) + new string(']', levels)
            : $"\"{new string('x', _random.Next(100) == 0 ? 5_000 : 5)}\"";
    }

    private string Join(Func<string> make)
    {
        var count = _random.Next(40) == 0 ? _random.Next(20, 400) : _random.Next(4);
        return string.Join(',', Enumerable.Range(0, count).Select(_ => make()));
    }

    private byte[] Damage(byte[] body)
    {
        switch (_random.Next(20))
        {
            case 0: return body[.._random.Next(body.Length)];
            case 1: body[_random.Next(body.Length)] = (byte)_random.Next(256); return body;
            case 2: return [.. body, .. Encoding.ASCII.GetBytes(_random.Next().ToString(CultureInfo.InvariantCulture))];
            default: return body;
        }
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
#pragma warning restore CA5394
}
