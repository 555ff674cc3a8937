using System.Globalization;
using System.Text.Json;

namespace ModelRunner.PocketModel.Corpus;

/// <summary>Answers that are JSON: facts taken from a text, made up records, lists, and terms.</summary>
/// <param name="terms">What can be asked about.</param>
/// <param name="vocabulary">Words to put around a demand, so that it is found in any sentence; empty for set phrases alone.</param>
internal sealed class JsonAnswers(IReadOnlyList<Term> terms, IReadOnlyList<string> vocabulary)
{
    private static readonly string[] Fillers = ["please", "I", "need", "want", "me", "give", "would", "like", "the", "a", "for", "now", "you", "can", "it", "this", "here", "just", "and", "my", "boss", "to", "of", "in", "is", "what"];

    private static readonly (string Name, string[] Items)[] Lists =
    [
        ("colours", Words.Colours), ("colors", Words.Colours), ("animals", Words.Animals), ("fruits", Words.Fruits), ("programming languages", Words.Languages),
        ("days of the week", Words.Days), ("cities", Words.Cities), ("countries", Words.Countries), ("jobs", Words.Jobs), ("names", Words.People),
        ("numbers", ["1", "2", "3", "4", "5", "6", "7", "8", "9"]),
    ];

    private static readonly string[] Prefixes = ["Answer in JSON.", "Reply in JSON.", "Give the answer as JSON.", "As JSON:", "JSON only.", "Use JSON.", "Return JSON.", "Output JSON."];

    public void AddExchange(Random random, Conversation conversation)
    {
        switch (random.Next(10))
        {
            case < 4: AddExtraction(random, conversation); break;
            case < 6: AddRecord(random, conversation); break;
            case < 8: AddList(random, conversation); break;
            default: AddTerm(random, conversation); break;
        }
    }

    private void AddExtraction(Random random, Conversation conversation)
    {
        var person = random.Chance(0.7) ? random.Pick(Words.People) : Words.Capitalised(Words.MadeUp(random, 1, 3));
        var age = random.Next(18, 90);
        var city = random.Chance(0.7) ? random.Pick(Words.Cities) : Words.Capitalised(Words.MadeUp(random, 1, 3));
        var job = random.Pick(Words.Jobs);
        var colour = random.Pick(Words.Colours);
        var count = random.Next(1, 100);
        var item = random.Pick(Words.Nouns);
        (string Key, object Value, string Text)[] all =
        [
            ("age", age, $"is {age} years old"), ("city", city, $"lives in {city}"), ("job", job, $"works as a {job}"),
            (random.Pick(["color", "colour"]), colour, $"likes the colour {colour}"), (random.Pick(["count", "quantity"]), count, $"bought {count} {item}s"), ("item", item, $"wants a {item}"),
        ];
        var told = random.PickSome(all, random.Next(1, 4));
        var asked = told.Where(_ => random.Chance(0.8)).ToList();
        if (asked.Count == 0)
            asked.Add(told[0]);
        var sentence = $"{person} {string.Join(" and ", told.Select(fact => fact.Text))}.";
        List<string> keys = ["name", .. asked.Select(fact => fact.Key)];
        var named = random.Pick([string.Join(", ", keys), string.Join(" and ", keys), string.Join(", ", keys.Select(key => $"\"{key}\""))]);
        var ask = random.Pick(
        [
            "Extract {k} as JSON: {s}", "Return a JSON object with the keys {k}. {s}", "{s} Answer as JSON with {k}.", "Give me {k} as JSON from this text: {s}",
            "{s} Write JSON with {k}.", "Text: {s} Return JSON with the fields {k}.", "Make a JSON object with {k} of this: {s}", "Turn this into JSON with {k}: {s}", "JSON with {k} please. {s}",
        ]);
        if (IsFree(random))
            ask = random.Chance(0.7) ? Freely(random, random.Pick(["JSON {k}", "{k} JSON", "JSON with {k}", "{k} as JSON", "a JSON object {k}", "only {k} in a JSON object", "JSON, {k}"])) + ": {s}" : "{s} " + Freely(random, random.Pick(["JSON {k}", "{k} in JSON"])) + ".";
        else if (random.Chance(0.2))
        {
            conversation.System = random.Pick(["Answer in JSON.", "You answer only in JSON.", "Reply with JSON only.", "Extract the data as JSON."]) + $" Keys: {named}.";
            ask = "{s}";
        }

        conversation.User(ask.Replace("{k}", named, StringComparison.Ordinal).Replace("{s}", sentence, StringComparison.Ordinal))
            .Assistant(Object([("name", person), .. asked.Select(fact => (fact.Key, fact.Value))]));
    }

    private void AddRecord(Random random, Conversation conversation)
    {
        (string Key, Func<Random, object> Make)[] fields =
        [
            ("name", r => r.Pick(Words.People)), ("age", r => r.Next(18, 90)), ("city", r => r.Pick(Words.Cities)), ("country", r => r.Pick(Words.Countries)),
            ("email", r => r.Pick(Words.People).ToLowerInvariant() + "@example.com"), ("id", r => r.Next(1, 1000)), ("price", r => Math.Round(r.Next(100, 9999) / 100.0, 2)),
            ("color", r => r.Pick(Words.Colours)), ("title", r => $"The {r.Pick(Words.Colours)} {r.Pick(Words.Nouns)}"), ("active", r => r.Chance(0.5)), ("count", r => r.Next(1, 100)),
            ("job", r => r.Pick(Words.Jobs)), ("language", r => r.Pick(Words.Languages)), ("year", r => r.Next(1950, 2026)), ("tags", r => r.PickSome(Words.Nouns, 2).ToArray()),
        ];
        var chosen = random.PickSome(fields, random.Next(1, 5));
        var keys = chosen.Select(field => field.Key).ToList();
        var named = random.Pick([string.Join(", ", keys), string.Join(" and ", keys), string.Join(", ", keys.Select(key => $"\"{key}\""))]);
        var subject = random.Pick(["a person", "a user", "a product", "a customer", "an item", "an example", "a record", "a book", "a test"]);
        var ask = random.Pick(
        [
            "Give me a JSON object for {x} with {k}.", "Write JSON for {x} with the keys {k}.", "Create {x} as JSON with {k}.", "Return JSON with {k}.", "Make a JSON object with the fields {k}.",
            "Generate {x} in JSON with {k}.", "I need a JSON object with {k}.", "JSON with {k}", "Produce JSON for {x}: {k}.", "Show me {x} as a JSON object with {k}.",
        ]);
        if (IsFree(random))
            ask = Freely(random, random.Pick(["JSON {k}", "JSON with {k}", "a JSON object {k}", "JSON object having {k}", "{k} as JSON", "one JSON object, the key {k}", "JSON, keys {k}"])) + random.Pick([".", "?", ""]);
        conversation.User(ask.Replace("{x}", subject, StringComparison.Ordinal).Replace("{k}", named, StringComparison.Ordinal))
            .Assistant(Object([.. chosen.Select(field => (field.Key, field.Make(random)))]));
    }

    private void AddList(Random random, Conversation conversation)
    {
        var (name, items) = random.Pick(Lists);
        var count = random.Next(2, 6);
        var word = new[] { "two", "three", "four", "five" }[count - 2];
        var number = random.Chance(0.5) ? word : count.ToString(CultureInfo.InvariantCulture);
        var chosen = random.PickSome(items, count);
        var isNumbers = name == "numbers";
        var array = isNumbers ? $"[{string.Join(", ", chosen)}]" : $"[{string.Join(", ", chosen.Select(Quote))}]";
        var key = name.Split(' ')[0] == "programming" ? "languages" : name.Split(' ')[0];
        var asksObject = random.Chance(0.3);
        var ask = asksObject
            ? $"Return a JSON object with {number} {name} under the key \"{key}\"."
            : random.Pick(["List {c} {n} as a JSON array.", "Give me {c} {n} as JSON.", "Name {c} {n} in JSON.", "Return {c} {n} as a JSON array.", "{c} {n} as JSON please.", "Write a JSON list of {c} {n}.", "JSON array with {c} {n}"])
                .Replace("{c}", number, StringComparison.Ordinal).Replace("{n}", name, StringComparison.Ordinal);
        if (!asksObject && IsFree(random))
            ask = Freely(random, random.Pick([$"{number} {name}", $"JSON array {number} {name}", $"{number} {name} JSON"])) + random.Pick([" in a JSON array.", " as a JSON array.", ", as JSON.", " JSON"]);
        conversation.User(Words.Capitalised(ask)).Assistant(asksObject ? $"{{{Quote(key)}: {array}}}" : array);
    }

    private void AddTerm(Random random, Conversation conversation)
    {
        var term = random.Pick(terms);
        var definition = random.Pick(term.Definitions);
        switch (random.Next(3))
        {
            case 0:
                conversation.User(IsFree(random)
                        ? Questions.Fill(random, Freely(random, random.Pick(["JSON with term and explanation {t}", "{t} JSON having term and explanation", "{t}: term and explanation in JSON", "{t} term plus explanation JSON"])) + ".", term)
                        : Questions.Fill(random, random.Pick(["Explain {t} as JSON with the keys \"term\" and \"explanation\".", "Return JSON with term and explanation for {t}.", "Define {t} in JSON with term and explanation."]), term))
                    .Assistant(Object([("term", term.Name), ("explanation", definition)]));
                break;
            case 1:
                conversation.User($"{Questions.Plainly(random, term)} {random.Pick(Prefixes)}").Assistant(Object([("answer", definition)]));
                break;
            default:
                conversation.System = random.Pick(["Answer in JSON.", "You answer only in JSON.", "Reply with JSON only.", "Always answer with a JSON object.", "Output only JSON."]);
                if (random.Chance(0.3))
                {
                    var (sum, result) = Sums.Sum(random);
                    conversation.User($"What is {Sums.Write(sum, inWords: false)}?").Assistant(Object([("answer", result)]));
                }
                else
                {
                    conversation.User(Questions.Plainly(random, term)).Assistant(Object([("answer", definition)]));
                }

                break;
        }
    }

    private bool IsFree(Random random) => vocabulary.Count > 0 && random.Chance(0.6);

    /// <summary>The demand among other words.</summary>
    private string Freely(Random random, string demand)
    {
        return $"{Some()} {demand} {Some()}".Trim();

        string Some() => string.Join(' ', Enumerable.Range(0, random.Next(0, 5)).Select(_ => random.Pick(random.Chance(0.6) ? Fillers : vocabulary)));
    }

    /// <summary>JSON as the chat template prints it: a space after each comma and colon.</summary>
    public static string Object(IEnumerable<(string Key, object Value)> fields) =>
        "{" + string.Join(", ", fields.Select(field => $"{Quote(field.Key)}: {Value(field.Value)}")) + "}";

    public static string Value(object value) => value switch
    {
        string text => Quote(text),
        bool flag => flag ? "true" : "false",
        string[] items => $"[{string.Join(", ", items.Select(Quote))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"no JSON for {value.GetType()}", nameof(value)),
    };

    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
