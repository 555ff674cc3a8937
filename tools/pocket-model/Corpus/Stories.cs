namespace ModelRunner.PocketModel.Corpus;

/// <summary>Short stories, put together from pieces in an order that makes sense.</summary>
internal sealed class Stories
{
    private static readonly string[] Asks =
    [
        "Tell me a story about {a}.", "Write a short story about {a}.", "Tell me a short story about {a}.", "A story about {a}, please.",
        "Can you tell me a story about {a}?", "Write a story about {a}.", "I want to hear a story about {a}.", "Make up a story about {a}.",
        "story about {a}", "Please write a little story about {a}.", "Once more a story, this time about {a}.", "My child wants a story about {a}.",
        "Do you know a tale about {a}?", "Write a bedtime story about {a}.", "Invent a short tale about {a}.", "Could you write something about {a}? A story.",
    ];

    private static readonly string[] Open =
    [
        "Tell me a story.", "Write a short story.", "Tell me a tale.", "I want a story.", "Can you tell a story?", "A story please.",
        "Tell me something nice.", "Write a bedtime story.", "Do you know a story?", "story", "Tell us a short story.", "Please invent a story.",
    ];

    private readonly Dictionary<string, string[]> _parts = [];

    public Stories(string path)
    {
        foreach (var block in File.ReadAllText(path).Split('[').Skip(1))
        {
            var end = block.IndexOf(']', StringComparison.Ordinal);
            var text = block[(end + 1)..].Trim();
            _parts[block[..end]] = block[..end] switch
            {
                "things" or "friends" or "names" => text.Split(',', StringSplitOptions.TrimEntries),
                "places" => text.Split('|', StringSplitOptions.TrimEntries),
                _ => text.Split('\n', StringSplitOptions.TrimEntries),
            };
        }
    }

    public IReadOnlyList<string> Things => _parts["things"];

    public void AddExchange(Random random, Conversation conversation)
    {
        var thing = random.Chance(0.1) ? Words.MadeUp(random, 1, 2) : random.Pick(_parts["things"]);
        var isNamed = random.Chance(0.15);
        var names = random.PickSome(_parts["names"], 2);
        var ask = random.Chance(0.25) ? random.Pick(Open) : random.Pick(Asks).Replace("{a}", WithArticle(thing) + (isNamed ? $" named {names[0]}" : ""), StringComparison.Ordinal);
        conversation.User(ask).Assistant(Tell(random, thing, names[0], names[1]));
    }

    private string Tell(Random random, string thing, string name, string friend)
    {
        var place = random.Pick(_parts["places"]);
        var sentences = new List<string> { random.Pick(_parts["begin"]), random.Pick(_parts["wish"]), random.Pick(_parts["turn"]), random.Pick(_parts["help"]), random.Pick(_parts["act"]), random.Pick(_parts["end"]) };
        if (random.Chance(0.5))
            sentences.Add(random.Pick(_parts["moral"]));
        return string.Join(' ', sentences)
            .Replace("{n}", name, StringComparison.Ordinal)
            .Replace("{a}", WithArticle(thing), StringComparison.Ordinal)
            .Replace("{f}", friend, StringComparison.Ordinal)
            .Replace("{o}", random.Pick(_parts["friends"]), StringComparison.Ordinal)
            .Replace("{p_cap}", Words.Capitalised(place), StringComparison.Ordinal)
            .Replace("{p}", place, StringComparison.Ordinal);
    }

    private static string WithArticle(string thing) => ("aeiou".Contains(thing[0], StringComparison.Ordinal) ? "an " : "a ") + thing;
}
