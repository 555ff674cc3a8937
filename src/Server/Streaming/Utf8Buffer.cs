using System.Buffers;
using System.Globalization;

namespace ModelRunner.Server.Streaming;

/// <summary>
/// UTF-8 that grows in pooled memory and is reused after <see cref="Clear"/>: appending allocates nothing once it has
/// its size. Belongs to one request.
/// </summary>
internal sealed class Utf8Buffer(int capacity = 1024) : IDisposable
{
    // RFC 8259 section 7: these and no others must be escaped inside a string.
    private static readonly SearchValues<byte> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    // The longest number is a long or a shortest round-trip float.
    private const int MaxNumberLength = 32;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Append(ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Reserve(utf8.Length));
        Length += utf8.Length;
    }

    /// <summary>Appends the inside of a JSON string, without its quotes.</summary>
    public void AppendEscaped(ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOfAny(Escaped) is var index and >= 0)
        {
            Append(utf8[..index]);
            AppendEscape(utf8[index]);
            utf8 = utf8[(index + 1)..];
        }

        Append(utf8);
    }

    /// <summary>Appends a whole JSON string. Encodes: for what is written once, not for each token.</summary>
    public void AppendString(string text)
    {
        Append("\""u8);
        AppendEscaped(System.Text.Encoding.UTF8.GetBytes(text));
        Append("\""u8);
    }

    public void AppendNumber(long value)
    {
        value.TryFormat(Reserve(MaxNumberLength), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>Appends a finite number in its shortest exact form.</summary>
    public void AppendNumber(float value)
    {
        value.TryFormat(Reserve(MaxNumberLength), out var written, default, CultureInfo.InvariantCulture);
        Length += written;
    }

    public override string ToString() => System.Text.Encoding.UTF8.GetString(Written);

    public void Dispose()
    {
        if (_bytes.Length > 0) ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
        Length = 0;
    }

    private void AppendEscape(byte value)
    {
        switch (value)
        {
            case (byte)'"': Append("\\\""u8); break;
            case (byte)'\\': Append("\\\\"u8); break;
            case (byte)'\n': Append("\\n"u8); break;
            case (byte)'\r': Append("\\r"u8); break;
            case (byte)'\t': Append("\\t"u8); break;
            default:
                Append("\\u00"u8);
                Append("0123456789abcdef"u8.Slice(value >> 4, 1));
                Append("0123456789abcdef"u8.Slice(value & 15, 1));
                break;
        }
    }

    private Span<byte> Reserve(int count)
    {
        if (_bytes.Length - Length < count)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + count, _bytes.Length * 2));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(Length);
    }
}
