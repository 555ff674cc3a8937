using System.Text;

namespace ModelRunner.PocketModel.Corpus;

/// <summary>Lists of everyday words and makers of new ones, for what the model must copy and not know.</summary>
internal static class Words
{
    public static readonly string[] People = ["Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Ida", "Jack", "Kate", "Liam", "Maria", "Noah", "Olivia", "Peter", "Ruth", "Sam", "Tina", "Victor", "Wendy", "Yusuf", "Zoe", "Amir", "Bianca", "Chen", "Dora", "Erik", "Fatima", "Goran", "Hana", "Igor", "Jana", "Kofi", "Lena", "Mateo", "Nadia", "Omar", "Priya", "Raj"];
    public static readonly string[] Cities = ["Paris", "London", "Berlin", "Rome", "Madrid", "Vienna", "Prague", "Lisbon", "Dublin", "Oslo", "Athens", "Warsaw", "Tokyo", "Sydney", "Toronto", "Boston", "Chicago", "Lima", "Cairo", "Nairobi", "Mumbai", "Seoul", "Hanoi", "Zurich", "Geneva", "Hamburg", "Munich", "Milan", "Porto", "Krakow", "Bergen", "Riga", "Tallinn", "Helsinki", "Austin", "Denver", "Seattle", "Osaka", "Dakar", "Quito"];
    public static readonly string[] Nouns = ["apple", "book", "chair", "door", "engine", "flower", "garden", "house", "invoice", "jacket", "key", "lamp", "mirror", "notebook", "order", "picture", "question", "report", "shirt", "ticket", "umbrella", "vase", "window", "bottle", "camera", "desk", "envelope", "folder", "guitar", "hammer", "ladder", "meeting", "package", "pencil", "phone", "plate", "printer", "recipe", "server", "table", "task", "user", "customer", "product", "message", "document", "event", "account", "project", "booking"];
    public static readonly string[] Colours = ["red", "blue", "green", "yellow", "black", "white", "brown", "orange", "purple", "pink", "grey"];
    public static readonly string[] Animals = ["dog", "cat", "horse", "cow", "sheep", "goat", "pig", "duck", "hen", "rabbit", "mouse", "fox", "bear", "wolf", "owl"];
    public static readonly string[] Fruits = ["apple", "banana", "cherry", "grape", "lemon", "mango", "orange", "peach", "pear", "plum", "kiwi", "melon"];
    public static readonly string[] Languages = ["C#", "Java", "Python", "Go", "Rust", "JavaScript", "TypeScript", "C++", "F#"];
    public static readonly string[] Days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    public static readonly string[] Jobs = ["developer", "teacher", "baker", "doctor", "nurse", "painter", "farmer", "pilot", "writer", "lawyer", "driver", "engineer"];
    public static readonly string[] Countries = ["France", "Germany", "Italy", "Spain", "Austria", "Norway", "Japan", "Canada", "Brazil", "Kenya", "India", "Poland"];

    private static readonly string[] Onsets = ["b", "br", "c", "cl", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "kl", "l", "m", "n", "p", "pl", "pr", "qu", "r", "s", "sk", "sl", "st", "t", "tr", "v", "w", "z", "sh", "th", "ch"];
    private static readonly string[] Vowels = ["a", "e", "i", "o", "u", "ai", "ea", "oo", "ou", "ie"];
    private static readonly string[] Codas = ["", "", "", "n", "r", "l", "s", "t", "m", "x", "nd", "st", "rk"];

    /// <summary>All plain words of the terms' sentences that are no term themselves.</summary>
    public static string[] Of(IEnumerable<Term> terms)
    {
        var known = terms.SelectMany(term => term.Aliases.Append(term.Name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return [.. terms.SelectMany(term => (string[])[.. term.Definitions, .. term.Purposes, .. term.Workings, .. term.Examples])
            .SelectMany(sentence => sentence.Split([' ', ',', '.', ':', ';'], StringSplitOptions.RemoveEmptyEntries))
            .Where(word => word.Length is >= 3 and <= 11 && word.All(char.IsAsciiLetterLower) && !known.Contains(word))
            .Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>A word that does not exist, of some syllables.</summary>
    public static string MadeUp(Random random, int fewest, int most)
    {
        var text = new StringBuilder();
        for (var i = random.Next(fewest, most + 1); i > 0; i--)
            text.Append(random.Pick(Onsets)).Append(random.Pick(Vowels)).Append(random.Pick(Codas));

        return text.ToString();
    }

    /// <summary>Letters and digits, as in an order number.</summary>
    public static string Code(Random random)
    {
        var text = new StringBuilder();
        var letters = random.Next(0, 4);
        for (var i = 0; i < letters; i++)
            text.Append((char)('A' + random.Next(26)));
        if (letters > 0 && random.Chance(0.5))
            text.Append('-');
        for (var i = random.Next(2, 6); i > 0; i--)
            text.Append((char)('0' + random.Next(10)));

        return text.ToString();
    }

    public static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
