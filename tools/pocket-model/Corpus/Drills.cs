namespace ModelRunner.PocketModel.Corpus;

/// <summary>
/// Exercises of the training's second part: to copy what stands in the prompt, and to find the term in a sentence that
/// is about anything. A model this small learns neither from conversations alone.
/// </summary>
internal sealed class Drills(IReadOnlyList<Term> terms, IReadOnlyList<string> vocabulary)
{
    private static readonly string[] Repeat = ["Repeat: {x}", "Say {x}", "Repeat after me: {x}", "Echo {x}", "Write exactly this: {x}", "Copy this text: {x}", "{x} Repeat that.", "Please say \"{x}\"", "Once more: {x}", "Print {x}"];

    public void AddExchange(Random random, Conversation conversation)
    {
        if (random.Chance(0.5))
            AddBuriedTerm(random, conversation);
        else
            AddCopy(random, conversation);
    }

    private void AddCopy(Random random, Conversation conversation)
    {
        var parts = Enumerable.Range(0, random.Next(1, 7)).Select(_ => Part(random)).ToArray();
        if (random.Chance(0.3))
        {
            // The n-th of a list, or what stands beside a name: a search, then a copy.
            var keys = random.PickSome(vocabulary, Math.Max(2, parts.Length));
            var pairs = keys.Select(key => (Key: key, Value: Part(random))).ToArray();
            var (wanted, value) = random.Pick(pairs);
            var list = string.Join(", ", pairs.Select(pair => $"\"{pair.Key}\": \"{pair.Value}\""));
            conversation.User(random.Pick([$"{{{list}}} What is {wanted}?", $"Which value has {wanted}? {{{list}}}", $"{{{list}}} Give me {wanted}."])).Assistant(value);
            return;
        }

        var text = string.Join(random.Pick([" ", " ", ", ", "_", "-"]), parts);
        conversation.User(random.Pick(Repeat).Replace("{x}", text, StringComparison.Ordinal)).Assistant(text);
    }

    private void AddBuriedTerm(Random random, Conversation conversation)
    {
        var term = random.Pick(terms);
        var before = string.Join(' ', random.PickSome(vocabulary, random.Next(0, 9)));
        var after = string.Join(' ', random.PickSome(vocabulary, random.Next(0, 6)));
        var question = Questions.Fill(random, $"{before} {{t}}{random.Pick(["", ",", ".", ":", "?", "!"])} {after}".Trim(), term);
        conversation.User(Words.Capitalised(question) + random.Pick(["", ".", "?", "?"])).Assistant(Explanations.Explain(random, term, random.Next(1, 5)));
    }

    private string Part(Random random) => random.Next(6) switch
    {
        0 => Words.Code(random),
        1 => Words.MadeUp(random, 1, 3),
        2 => Words.Capitalised(Words.MadeUp(random, 1, 3)),
        _ => random.Pick(vocabulary),
    };
}
