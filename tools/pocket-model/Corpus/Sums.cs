using System.Globalization;

namespace ModelRunner.PocketModel.Corpus;

/// <summary>Small sums, bare and as a little story.</summary>
internal static class Sums
{
    private static readonly string[] Asks = ["What is {s}?", "{s}", "{s}=", "{s} = ?", "Calculate {s}.", "How much is {s}?", "Compute {s}.", "What's {s}?", "Please calculate {s}.", "Can you tell me {s}?", "Solve {s}.", "what is {s}", "How much does {s} make?", "Tell me what {s} is.", "Hi, what is {s}?", "I need the result of {s}.", "Work out {s}.", "Add it up: {s}"];
    private static readonly string[] Things = ["apples", "books", "coins", "pencils", "eggs", "stamps", "cards", "stones", "cookies", "flowers", "balls", "nuts", "keys", "cups", "shells"];
    private static readonly (string One, string Two)[] Pairs = [("bat", "ball"), ("pen", "pencil"), ("book", "card"), ("cup", "spoon"), ("coffee", "cookie"), ("shirt", "sock"), ("plate", "fork"), ("lamp", "bulb"), ("bag", "key"), ("hat", "scarf"), ("baseball bat", "ball"), ("racket", "net"), ("cake", "candle")];

    public static void AddExchange(Random random, Conversation conversation)
    {
        var (question, answer) = random.Next(10) switch
        {
            < 6 => Bare(random),
            < 9 => Story(random),
            _ => Prices(random),
        };
        conversation.User(question).Assistant(answer);
    }

    public static (string Sum, int Result) Sum(Random random)
    {
        int a, b;
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                (a, b) = (random.Next(random.Chance(0.3) ? 10 : 100), random.Next(random.Chance(0.3) ? 10 : 100));
                return ($"{a} {{+}} {b}", a + b);
            case 3 or 4:
                (a, b) = (random.Next(1, 100), 0);
                b = random.Next(a + 1);
                return ($"{a} {{-}} {b}", a - b);
            case 5 or 6:
                (a, b) = (random.Next(1, 13), random.Next(1, 13));
                return ($"{a} {{*}} {b}", a * b);
            default:
                (a, b) = (random.Next(1, 13), random.Next(1, 13));
                return ($"{a * b} {{/}} {b}", a);
        }
    }

    private static (string Question, string Answer) Bare(Random random)
    {
        var (sum, result) = Sum(random);
        var written = Write(sum, random.Chance(0.3));
        if (random.Chance(0.2))
            written = written.Replace(" ", "", StringComparison.Ordinal) is var tight && !tight.Any(char.IsLetter) ? tight : written;
        var answer = Write(sum, inWords: false);
        return (random.Pick(Asks).Replace("{s}", written, StringComparison.Ordinal), $"{answer} = {result}.");
    }

    public static string Write(string sum, bool inWords) => sum
        .Replace("{+}", inWords ? "plus" : "+", StringComparison.Ordinal)
        .Replace("{-}", inWords ? "minus" : "-", StringComparison.Ordinal)
        .Replace("{*}", inWords ? "times" : "*", StringComparison.Ordinal)
        .Replace("{/}", inWords ? "divided by" : "/", StringComparison.Ordinal);

    private static (string Question, string Answer) Story(Random random)
    {
        var person = random.Pick(Words.People);
        var other = random.Pick(Words.People);
        var thing = random.Pick(Things);
        int a = random.Next(2, 50), b = random.Next(1, 50);
        switch (random.Next(5))
        {
            case 0:
                return ($"{person} has {a} {thing} and gets {b} more. How many {thing} does {person} have now?", $"{a} + {b} = {a + b}. {person} has {a + b} {thing}.");
            case 1:
                (a, b) = (Math.Max(a, b), Math.Min(a, b));
                return ($"{person} has {a} {thing} and gives {b} to {other}. How many {thing} are left?", $"{a} - {b} = {a - b}. {a - b} {thing} are left.");
            case 2:
                (a, b) = (random.Next(2, 13), random.Next(2, 13));
                return ($"There are {a} boxes with {b} {thing} each. How many {thing} are there?", $"{a} * {b} = {a * b}. There are {a * b} {thing}.");
            case 3:
                (a, b) = (random.Next(2, 13), random.Next(2, 13));
                return ($"{person} shares {a * b} {thing} among {a} friends. How many does each get?", $"{a * b} / {a} = {b}. Each gets {b} {thing}.");
            default:
                return ($"{person} has {a} {thing} and {other} has {b}. How many {thing} do they have together?", $"{a} + {b} = {a + b}. Together they have {a + b} {thing}.");
        }
    }

    /// <summary>Two prices by their sum and difference, which people and models like to get wrong.</summary>
    private static (string Question, string Answer) Prices(Random random)
    {
        var (dear, cheap) = random.Pick(Pairs);
        if (random.Chance(0.5))
            (dear, cheap) = (cheap, dear);
        var difference = random.Next(1, 6) * 100;
        var low = random.Next(1, 19) * 5;
        var total = difference + 2 * low;
        var high = low + difference;
        var unit = random.Pick(["eur", "euros", "dollars", "eur", "eur"]);
        var gap = random.Chance(0.6) ? (difference / 100).ToString(CultureInfo.InvariantCulture) : Money(difference);
        var asksDear = random.Chance(0.5);
        var asked = asksDear ? dear : cheap;
        var question = random.Next(4) switch
        {
            0 => $"A {dear} and a {cheap} cost {Money(total)} {unit}. The {dear} is {gap} {unit} more expensive than the {cheap}. How much does the {asked} cost?",
            1 => $"A {cheap} and a {dear} cost {Money(total)} {unit} together. The {dear} costs {gap} {unit} more than the {cheap}. What does the {asked} cost?",
            2 => $"The price of a {dear} and a {cheap} is {Money(total)} {unit}. The {dear} is {gap} {unit} more than the {cheap}. What is the price of the {asked}?",
            _ => $"{Words.Capitalised(cheap)} and {dear} cost {Money(total)} {unit}. The {dear} is {gap} {unit} more expensive than the {cheap}. How much is the {asked}?",
        };
        var answer = $"Without the difference, both cost {Money(total)} - {Money(difference)} = {Money(2 * low)}. Half of it is {Money(low)}, the price of the {cheap}.";
        if (asksDear)
            answer += $" The {dear} costs {Money(low)} + {Money(difference)} = {Money(high)} {unit}.";
        else
            answer += $" So the {cheap} costs {Money(low)} {unit}.";
        return (question, answer);
    }

    private static string Money(int cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);
}
