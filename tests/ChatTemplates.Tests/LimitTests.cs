namespace ModelRunner.ChatTemplates.Tests;

public sealed class LimitTests
{
    [Theory]
    [InlineData("{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{{ 'a' * 1000000000 }}")]
    [InlineData("{{ [0] * 1000000000 }}")]
    [InlineData("{% set ns = namespace(s='a') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{{ 10 ** 100000000 }}")]
    [InlineData("{% for i in range(10000) %}{{ 'x' * 10000 }}{% endfor %}")]
    [InlineData("{{ 'a'.replace('', 'b' * 100000) * 100000 }}")]
    [InlineData("{{ 'x'.center(2000000000) }}")]
    [InlineData("{{ '%2000000000d' % 1 }}")]
    [InlineData("{{ range(1000000000) }}")]
    [InlineData("{% set a = [1] %}{% for i in a %}{{ a.append(i) }}{% endfor %}")]
    [InlineData("{% set l = [] %}{{ l.append(l) }}{{ l }}")]
    [InlineData("{% set l = [] %}{{ l.append(l) }}{{ l|tojson }}")]
    public void Render_HostileTemplate_EndsAtALimit(string template) =>
        Assert.Equal(TemplateFailure.Limit, Assert.Throws<TemplateException>(() => Rendering.Of(template)).Failure);

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    public void Compile_DeepNesting_EndsAtALimit(string open, string close)
    {
        var depth = 100_000;
        var template = $"{{{{ {string.Concat(Enumerable.Repeat(open, depth))}1{string.Concat(Enumerable.Repeat(close, depth))} }}}}";

        Assert.Equal(TemplateFailure.Limit, Assert.Throws<TemplateException>(() => ChatTemplate.Compile(template)).Failure);
    }

    [Fact]
    public void Compile_DeepBlocks_EndsAtALimit() =>
        Assert.Equal(
            TemplateFailure.Limit,
            Assert.Throws<TemplateException>(() => ChatTemplate.Compile(string.Concat(Enumerable.Repeat("{% if a %}", 1000)))).Failure);

    [Fact]
    public void Compile_SliceDeepInsideALongExpression_IsTriedWithinABudget()
    {
        // Regression: each of the expressions around it compiled all that is in it once more.
        var template = $"{{{{ [{string.Concat(Enumerable.Repeat("1, ", 20_000))}'a'[:1]]{string.Concat(Enumerable.Repeat(" + x", 250))} }}}}";
        var before = GC.GetAllocatedBytesForCurrentThread();
        ChatTemplate.Compile(template);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 << 20);
    }

    [Theory]
    [InlineData("a\n{{ 'x' + 1 }}", 2, 8)]
    [InlineData("a\n\n  {{ missing.x }}", 3, 14)]
    [InlineData("{% if x %}", 1, 11)]
    [InlineData("{{ 'open }}", 1, 4)]
    public void Failure_Message_NamesThePlace(string template, int line, int column)
    {
        var failure = Assert.Throws<TemplateException>(() => Rendering.Of(template));

        Assert.Equal((line, column), (failure.Line, failure.Column));
    }
}
