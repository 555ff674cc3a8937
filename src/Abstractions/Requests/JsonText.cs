using System.Text;

namespace ModelRunner.Abstractions.Requests;

/// <summary>
/// A JSON value as the client wrote it: opaque UTF-8 that keeps key order and number text, which templates print.
/// Whoever makes one has checked that it is one valid JSON value.
/// </summary>
/// <param name="Utf8">The text without surrounding white space; empty means absent.</param>
public readonly record struct JsonText(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>True when no value was given.</summary>
    public bool IsAbsent => Utf8.IsEmpty;

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Utf8.Span);

    /// <summary>Wraps a text that is known to be JSON.</summary>
    public static JsonText From(string json) => new(Encoding.UTF8.GetBytes(json));
}
