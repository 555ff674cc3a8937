using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Grammars.Regex;
using ModelRunner.Testing;
using DotNetRegex = System.Text.RegularExpressions.Regex;

namespace ModelRunner.Grammars.Tests.Regex;

public sealed class RegexTests
{
    [Fact]
    public void Search_OfRandomPatterns_AgreesWithDotNet()
    {
        var compared = 0;
        for (var i = 0; i < Campaign.Count(1_500, 60_000); i++)
        {
            var random = new Random(i);
            var pattern = Pattern(random, 3);
            var rx = new RxBuilder(GrammarLimits.Default);
            var text = new TextEncoding(rx, isJson: i % 2 == 0);
            rx.AllText = text.AnyText;
            Rx language;
            DotNetRegex reference;
            try
            {
                language = new PatternCompiler(rx, text).Search(pattern);
                reference = new DotNetRegex(pattern, RegexOptions.ECMAScript, TimeSpan.FromSeconds(5));
            }
            catch (RegexSyntaxException)
            {
                continue;
            }

            for (var j = 0; j < 12; j++)
            {
                var subject = string.Concat(Enumerable.Range(0, random.Next(7)).Select(_ => "abc0é-"[random.Next(6)]));
                compared++;
                Assert.True(
                    reference.IsMatch(subject) == rx.Matches(language, Encoding.UTF8.GetBytes(subject)),
                    $"/{pattern}/ on '{subject}': .NET says {reference.IsMatch(subject)}");
            }
        }

        Assert.True(compared > 10_000, $"only {compared} were compared");
    }

    [Fact]
    public void Logic_OfExpressions_AgreesWithLogicOfMatches()
    {
        for (var i = 0; i < Campaign.Count(300, 10_000); i++)
        {
            var random = new Random(i);
            var rx = new RxBuilder(GrammarLimits.Default);
            var text = new TextEncoding(rx, isJson: false);
            rx.AllText = text.AnyText;
            var patterns = new PatternCompiler(rx, text);
            var a = patterns.Search("^(?:" + Pattern(random, 2, withAssertions: false) + ")$");
            var b = patterns.Search("^(?:" + Pattern(random, 2, withAssertions: false) + ")$");
            var subjects = Enumerable.Range(0, 20)
                .Select(_ => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => "abc0"[random.Next(4)])))).ToArray();
            foreach (var subject in subjects)
            {
                var (inA, inB) = (rx.Matches(a, subject), rx.Matches(b, subject));
                Assert.Equal(inA && inB, rx.Matches(rx.And(a, b), subject));
                Assert.Equal(inA || inB, rx.Matches(rx.Or(a, b), subject));
                Assert.Equal(inA && !inB, rx.Matches(rx.Except(a, b), subject));
            }

            // What is said to be empty has no match; what is not has one, which a search led to.
            if (rx.AreDisjoint(a, b))
                Assert.DoesNotContain(subjects, subject => rx.Matches(a, subject) && rx.Matches(b, subject));
        }
    }

    [Theory]
    [InlineData("^(?!admin)[a-z]+$", "user", true)]
    [InlineData("^(?!admin)[a-z]+$", "administrator", false)]
    [InlineData("^(?=.*[0-9])(?=.*[a-z]).{4,}$", "ab12", true)]
    [InlineData("^(?=.*[0-9])(?=.*[a-z]).{4,}$", "abcd", false)]
    [InlineData("^.*(?<!x)$", "abx", false)]
    [InlineData("^.*(?<!x)$", "abc", true)]
    [InlineData("^\\u{1F600}$", "😀", true)]
    [InlineData("^\\p{Lu}\\p{L}*$", "Ändern", true)]
    [InlineData("^[^\\x00-\\x7F]+$", "日本", true)]
    [InlineData("(^a|b$)", "xb", true)]
    [InlineData("(^a|b$)", "xbx", false)]
    public void Search_WithAssertionsAndClasses_MatchesAsEcmaScript(string pattern, string subject, bool expected)
    {
        var grammar = Grammars.Schema(JsonSerializer.Serialize(new { type = "string", pattern }));

        Assert.Equal(expected, grammar.Accepts("\"" + subject + "\""));
    }

    [Theory]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("(a)\\1")]
    [InlineData("\\bword\\b")]
    [InlineData("a{3,1}")]
    [InlineData("(?=a)b")]
    public void Pattern_ThatCannotBeHonoured_IsRefused(string pattern)
    {
        var exception = Assert.Throws<InvalidRequestException>(() => Grammars.Compile(ConstraintKind.Regex, pattern));

        Assert.Equal("test", exception.Parameter);
    }

    private static string Pattern(Random random, int depth, bool withAssertions = true)
    {
        if (depth == 0)
            return Pick("a", "b", "c", "0", ".", "[ab]", "[^a]", "[a-c0]", "\\d", "\\w", "é", "-");

        return random.Next(withAssertions ? 8 : 6) switch
        {
            0 or 1 => Pattern(random, depth - 1, withAssertions) + Pattern(random, depth - 1, withAssertions),
            2 => "(?:" + Pattern(random, depth - 1, withAssertions) + "|" + Pattern(random, depth - 1, withAssertions) + ")",
            3 => "(?:" + Pattern(random, depth - 1, false) + ")" + Pick("*", "+", "?", "{2}", "{1,3}", "{0,2}"),
            4 or 5 => Pattern(random, depth - 1, withAssertions),
            6 => Pick("^", "(?!a)", "(?=b|c)") + Pattern(random, depth - 1),
            _ => Pattern(random, depth - 1) + "$",
        };

        string Pick(params string[] values) => values[random.Next(values.Length)];
    }
}
