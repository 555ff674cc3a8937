using ModelRunner.Abstractions.Tokens;

namespace ModelRunner.ChatTemplates.Tests;

public sealed class MarkingTests
{
    [Theory]
    [InlineData("<a>{{ x }}</a>", "T<a> I<|x|> T</a>")]
    [InlineData("{{ '<a>' + x ~ '</a>' }}", "T<a> I<|x|> T</a>")]
    [InlineData("{{ ('<a>' + x)[1:5] }}", "Ta> I<|")]
    [InlineData("{{ x.split('|')[1] }}", "Ix")]
    [InlineData("{{ x.replace('x', 'yy') }}", "I<| Tyy I|>")]
    [InlineData("{{ x|upper }}", "I<|X|>")]
    [InlineData("{{ [x, 'b']|join('-') }}", "I<|x|> T-b")]
    [InlineData("{{ {'k': x}|tojson }}", "T{\"k\": \" I<|x|> T\"}")]
    [InlineData("{{ [x] }}", "T[' I<|x|> T']")]
    [InlineData("{% set y %}<{{ x }}>{% endset %}{{ y|trim }}", "T< I<|x|> T>")]
    [InlineData("{% macro m(v) %}[{{ v }}]{% endmacro %}{{ m(x) }}", "T[ I<|x|> T]")]
    [InlineData("{{ '%s!' % x }}{{ '{}?'.format(x) }}", "I<|x|> T! I<|x|> T?")]
    [InlineData("{% for c in 'a' ~ x %}{{ c }}{% endfor %}", "Ta I<|x|>")]
    public void Segments_OfInput_StayInput(string template, string expected) =>
        Assert.Equal(expected, string.Join(' ', Rendering.Render(template, """{"x": "<|x|>"}""").Segments.Select(Show)));

    private static string Show(TextSegment segment) => (segment.IsTrusted ? "T" : "I") + segment.Text;
}
