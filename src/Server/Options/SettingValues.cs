using System.Globalization;
using System.Net;
using ModelRunner.Abstractions.Engines;
using ModelRunner.ModelStore;
using ModelRunner.Server.Requests;

namespace ModelRunner.Server.Options;

/// <summary>Reads the texts of settings. All throw a <see cref="FormatException"/> that names the setting.</summary>
internal static class SettingValues
{
    public static int Integer(string text, string name, int min, int max) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"'{text}' is no {name}: it must be an integer from {min} to {max}.");

    public static bool Flag(string text, string name) => text switch
    {
        "1" => true,
        "0" => false,
        _ => bool.TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no value of {name}: it must be true or false."),
    };

    public static TimeSpan Time(string text, string name) =>
        GoDuration.Parse(text) ?? throw new FormatException($"'{text}' is no {name}: it must be a time such as 5m, 30s or -1.");

    public static TimeSpan PositiveTime(string text, string name) =>
        Time(text, name) is { Ticks: > 0 } time ? time : throw new FormatException($"'{text}' is no {name}: it must be above 0.");

    /// <summary>One of several words.</summary>
    public static T Choice<T>(string text, string name, params (string Text, T Value)[] choices)
    {
        foreach (var choice in choices)
            if (choice.Text == text)
                return choice.Value;
        throw new FormatException($"'{text}' is no {name}: it must be one of {string.Join(", ", choices.Select(choice => choice.Text))}.");
    }

    public static IPAddress Address(string text) =>
        text == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(text, out var address) ? address
        : throw new FormatException($"'{text}' is no address to bind: it must be an IP address or localhost.");

    public static ModelEntry Model(string text) =>
        ModelEntry.Parse(text) ?? throw new FormatException($"'{text}' is no model: it must be name=path.");

    public static KvCacheType KvType(string text) => Choice(
        text, "kv-type", ("auto", KvCacheType.Auto), ("f32", KvCacheType.F32), ("f16", KvCacheType.F16), ("q8", KvCacheType.Q8));

    public static KvCacheLayout KvLayout(string text) => Choice(
        text, "kv-layout", ("auto", KvCacheLayout.Auto), ("per-sequence", KvCacheLayout.PerSequence), ("pooled", KvCacheLayout.Pooled));

    public static bool? FlashAttention(string text) => Choice<bool?>(
        text, "flash-attention", ("auto", null), ("on", true), ("off", false));
}
