using System.Diagnostics;
using System.Text;
using ModelRunner.Abstractions.Errors;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Grammars;
using ModelRunner.Grammars.Masks;

namespace ModelRunner.Bench.Masks;

/// <summary>
/// MaskBench's scoring: an instance is accepted when each of its tokens is in the mask before it, and the end of text
/// is allowed behind the last, which the original does not ask. Each round compiles every schema anew; masks of lexer
/// states, which all grammars share, stay warm from the rounds before, as they do in a server.
/// </summary>
internal static class MaskBenchScenario
{
    private static readonly string[] TenSplits =
    [
        "Glaiveai2K", "Github_trivial", "Github_easy", "Snowplow", "Github_medium", "Kubernetes", "WashingtonPost",
        "Github_hard", "JsonSchemaStore", "Github_ultra",
    ];

    public static int Run(Arguments arguments)
    {
        var cases = MaskCase.Read(arguments.Text("cases", Path.Combine(Repository.Root, "..", "shared", "data", "json-schemas", "maskbench-sample.jsonl.gz"))).ToList();
        var filter = arguments.Text("only", "");
        cases.RemoveAll(item => !item.Name.Contains(filter, StringComparison.Ordinal));
        var rounds = arguments.Number("rounds", 3);
        var tokenizer = new O200kTokenizer();
        var options = new SchemaOptions { AnyPropertyOrder = arguments.Text("order", "any") == "any" };
        var clock = Stopwatch.StartNew();
        var vocabulary = new TokenVocabulary(tokenizer);
        Console.WriteLine($"{cases.Count} cases; vocabulary of {tokenizer.VocabularySize} tokens in {clock.ElapsedMilliseconds} ms");

        var all = new List<List<CaseResult>>();
        for (var round = 0; round < rounds; round++)
        {
            clock.Restart();
            all.Add(cases.ConvertAll(item => Measure(item, vocabulary, tokenizer, options)));
            Console.WriteLine($"round {round + 1}: {clock.Elapsed.TotalSeconds:F1} s");
            Report(all[^1]);
        }

        var last = all[^1];
        foreach (var result in last.Where(static result => result.Outcome != CaseOutcome.Pass))
            Console.WriteLine($"  {result.Outcome} {result.Case.Name}: {result.Reason}");

        ReportSplits(last);
        if (arguments.Number("slow", 0) is > 0 and var slow)
            foreach (var result in last.OrderByDescending(static result => result.MaskMicroseconds.DefaultIfEmpty(0).Max() + result.CompileMicroseconds).Take(slow))
                Console.WriteLine($"  slow {result.Case.Name}: compile {result.CompileMicroseconds:F0} us, mask max {result.MaskMicroseconds.DefaultIfEmpty(0).Max():F0} us");

        return Ratchet.Check(arguments.Text("ratchet", ""), arguments.Number("update", 0) == 1, last);
    }

    private static CaseResult Measure(MaskCase item, TokenVocabulary vocabulary, O200kTokenizer tokenizer, SchemaOptions options)
    {
        var masks = new List<double>();
        var compile = 0.0;
        var source = new JsonText(Encoding.UTF8.GetBytes(item.Schema.GetRawText()));
        try
        {
            var mask = new ulong[vocabulary.MaskLength];
            var start = Stopwatch.GetTimestamp();
            var grammar = new GrammarCompiler(vocabulary, options: options).Compile(new ConstraintSpecification(ConstraintKind.JsonSchema, source));
            grammar.CreateConstraint().FillMask(mask);
            compile = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            foreach (var (text, isValid) in item.Tests)
            {
                var isAccepted = Accepts(grammar.CreateConstraint(), tokenizer.Encode([new TextSegment(text, false)], false), mask, masks, tokenizer.EndOfSequence, out var where);
                if (isAccepted != isValid)
                    return new CaseResult(item, isValid ? CaseOutcome.RejectsValid : CaseOutcome.AcceptsInvalid, $"{where}: {text[..Math.Min(text.Length, 400)]}", compile, masks);
            }

            return new CaseResult(item, CaseOutcome.Pass, "", compile, masks);
        }
        catch (InvalidRequestException exception)
        {
            return new CaseResult(item, CaseOutcome.Refused, exception.Message, 0, masks);
        }
        catch (Exception exception)
        {
            return new CaseResult(item, CaseOutcome.Crash, exception.ToString(), compile, masks);
        }
    }

    private static bool Accepts(ITokenConstraint constraint, int[] tokens, ulong[] mask, List<double> times, int end, out int where)
    {
        for (where = 0; where <= tokens.Length; where++)
        {
            var token = where < tokens.Length ? tokens[where] : end;
            var start = Stopwatch.GetTimestamp();
            constraint.FillMask(mask);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            if ((mask[token >> 6] >> (token & 63) & 1) == 0)
                return false;
            if (!constraint.Accept(token))
                throw new InvalidOperationException($"token {token} is in the mask and not accepted");
        }

        return true;
    }

    private static void Report(List<CaseResult> results)
    {
        var masks = results.SelectMany(static result => result.MaskMicroseconds).Order().ToArray();
        var compiles = results.Where(static result => result.Outcome != CaseOutcome.Refused).Select(static result => result.CompileMicroseconds).Order().ToArray();
        Console.WriteLine($"  mask us: avg {masks.Average():F1}  p50 {At(masks, 0.5):F1}  p90 {At(masks, 0.9):F1}  p99 {At(masks, 0.99):F1}  p99.9 {At(masks, 0.999):F1}  max {masks[^1]:F0}  ({masks.Length} masks)");
        Console.WriteLine($"  compile us: avg {compiles.Average():F0}  p50 {At(compiles, 0.5):F0}  p90 {At(compiles, 0.9):F0}  p99 {At(compiles, 0.99):F0}  max {compiles[^1]:F0}");
    }

    private static void ReportSplits(List<CaseResult> results)
    {
        foreach (var split in results.GroupBy(static result => result.Case.Split).OrderBy(static split => split.Key, StringComparer.Ordinal))
            Line(split.Key, [.. split]);

        Line("the ten splits", [.. results.Where(result => TenSplits.Contains(result.Case.Split))]);
        Line("all", results);
    }

    private static void Line(string name, List<CaseResult> results)
    {
        if (results.Count == 0)
            return;

        var counts = Enum.GetValues<CaseOutcome>().Select(outcome => results.Count(result => result.Outcome == outcome)).ToArray();
        Console.WriteLine($"  {name,-18} {100.0 * counts[0] / results.Count,6:F1} %  of {results.Count,5}: refused {counts[1]}, rejects valid {counts[2]}, accepts invalid {counts[3]}, crash {counts[4]}");
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min((int)(sorted.Length * share), sorted.Length - 1)];
}
