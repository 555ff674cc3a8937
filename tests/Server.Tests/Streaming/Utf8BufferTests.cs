using System.Text.Json;
using ModelRunner.Server.Streaming;

namespace ModelRunner.Server.Tests.Streaming;

public sealed class Utf8BufferTests
{
    [Fact]
    public void AppendString_OfEveryCharacter_IsReadBackAsItWas()
    {
        var text = string.Concat(Enumerable.Range(0, 0xD800).Select(value => (char)value)) + "\U0001F600\u2028";
        using var buffer = new Utf8Buffer(capacity: 1);

        buffer.AppendString(text);

        Assert.Equal(text, JsonSerializer.Deserialize<string>(buffer.Written));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-0.5f)]
    [InlineData(-1.1920929E-07f)]
    [InlineData(-9999f)]
    [InlineData(float.MinValue)]
    public void AppendNumber_OfAFloat_IsReadBackExactly(float value)
    {
        using var buffer = new Utf8Buffer();

        buffer.AppendNumber(value);

        Assert.Equal(value, JsonSerializer.Deserialize<float>(buffer.Written));
    }
}
