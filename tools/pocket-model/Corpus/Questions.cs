namespace ModelRunner.PocketModel.Corpus;

/// <summary>Asks about a term in very many ways, so that the model learns to look for the term, not for the words around it.</summary>
internal static class Questions
{
    private static readonly string[] Plain =
    [
        "What is {t}?", "What's {t}?", "What exactly is {t}?", "Define {t}.", "Explain {t}.", "Explain {t} to me.",
        "Can you explain {t}?", "Could you explain {t}?", "Tell me about {t}.", "Tell me what {t} is.", "Describe {t}.",
        "What do you know about {t}?", "What does {n} mean?", "What is meant by {n}?", "What is the meaning of {n}?",
        "Give me an explanation of {t}.", "Give a definition of {t}.", "I want to learn about {t}.", "Help me understand {t}.",
        "I do not understand {t}.", "What do people mean by {n}?", "How would you describe {t}?", "Write a short text about {t}.",
        "{n}?", "{n}", "Please explain {t}.", "Would you please tell me what {t} is?", "Do you know what {t} is?",
        "Teach me {t}.", "I would like to know what {t} is.", "Who can tell me what {t} is?", "Say something about {t}.",
        "What can you tell me about {t}?", "Give me some facts about {t}.", "Summarize {t}.", "Introduce me to {t}.",
        "What should I know about {t}?", "explain {n}", "what is {n}", "whats {n}", "define {n}", "tell me about {n}",
        "meaning of {n}", "{n} explained", "{n} definition", "A question about {n}: what is it?", "What sort of thing is {t}?",
        "How do you define {t}?", "Can you give me an idea of {t}?", "What are the basics of {n}?", "Talk about {t}.",
    ];

    private static readonly string[] Before =
    [
        "I am new to programming.", "I read about {n} today.", "My colleague talked about {n}.", "Everybody talks about {n}.",
        "I heard the word {n} in a meeting.", "We use {n} at work.", "I have a short question.", "Somebody mentioned {n}.",
        "I saw {n} in an article.", "My teacher asked me about {n}.", "I have an exam tomorrow.", "Hello!", "Hi.",
        "Good morning.", "I am a beginner.", "I am writing a text.", "My boss wants me to learn {n}.", "Sorry, one more question.",
        "I keep forgetting things.", "There is a term I do not know: {n}.", "I found {n} in the documentation.",
    ];

    private static readonly string[] After =
    [
        "What is it?", "What is that?", "Can you explain it?", "What does it mean?", "Explain it to me.", "Tell me more about it.",
        "What should I know?", "Please explain.", "Could you help?", "What is this about?", "Describe it please.", "Any idea?",
    ];

    private static readonly string[] Tails =
    [
        "", "", "", "", " Thanks!", " Please.", " Thank you.", " I am curious.", " Keep it simple.", " In simple words.",
        " In your own words.", " As for a beginner.", " Use plain words.", " I need it for my work.",
    ];

    private static readonly string[] Subjects = ["I", "We", "My team", "A friend", "My sister", "The new developer", "One of us", "My boss", "Our customer", "A student"];
    private static readonly string[] Verbs = ["wants to know", "asked", "would love to hear", "needs to understand", "is wondering", "tried to find out", "must learn", "likes to know", "has to explain"];
    private static readonly string[] Objects = ["what {t} is", "what {n} means", "what {t} does", "what {t} is about", "what is behind {n}", "what to think of {t}"];
    private static readonly string[] Ends = ["", "", " today", " before the meeting", " in a few words", " and why it matters", " for a project", " from you"];

    private static readonly string[] ForPurpose =
    [
        "Why do people use {t}?", "What is {t} good for?", "Why would I need {t}?", "What is {t} used for?", "Why is {t} useful?",
        "What is the purpose of {t}?", "When do I need {t}?", "Why should I care about {t}?", "What is the point of {t}?",
        "why {n}?", "What problem does {t} solve?", "What is the use of {t}?",
    ];

    private static readonly string[] ForWorking =
    [
        "How does {t} work?", "How is {t} working?", "Explain how {t} works.", "What happens inside {t}?", "How does {n} work?",
        "Tell me how {t} works.", "Can you say how {t} works?", "how does {n} work", "In which way does {t} work?",
        "Describe how {t} works.",
    ];

    private static readonly string[] ForExample =
    [
        "Give me an example of {t}.", "Can you give an example of {t}?", "Show me an example of {t}.", "What is an example of {t}?",
        "Example of {n}?", "I need an example for {n}.", "Name an example of {t}.", "Please give an example for {t}.",
    ];

    private static readonly string[] ForBenefits =
    [
        "What are the benefits of {t}?", "What are the advantages of {t}?", "Why is {t} good?", "Name the benefits of {t}.",
        "List the advantages of {t}.", "What do I gain from {t}?", "Which benefits does {t} have?", "What speaks for {t}?",
        "benefits of {n}", "Tell me the advantages of {t}.", "What are good reasons for {t}?",
    ];

    private static readonly string[] ForDifference =
    [
        "What is the difference between {t} and {u}?", "How does {t} differ from {u}?", "Compare {t} and {u}.", "{n} or {m}: what is the difference?",
        "What distinguishes {t} from {u}?", "Explain {t} and {u}.", "{n} vs {m}", "Tell me about {t} and about {u}.",
    ];

    public static string Plainly(Random random, Term term)
    {
        var question = random.Next(10) switch
        {
            < 6 => random.Pick(Plain),
            < 8 => $"{random.Pick(Before)} {random.Pick(Plain)}",
            8 => random.Pick(Before.Where(text => text.Contains("{n}", StringComparison.Ordinal)).ToArray()) + " " + random.Pick(After),
            _ => $"{random.Pick(Subjects)} {random.Pick(Verbs)} {random.Pick(Objects)}{random.Pick(Ends)}.",
        };
        return Roughen(random, Fill(random, question, term) + random.Pick(Tails));
    }

    public static string Purpose(Random random, Term term) => Roughen(random, Fill(random, random.Pick(ForPurpose), term));

    public static string Working(Random random, Term term) => Roughen(random, Fill(random, random.Pick(ForWorking), term));

    public static string Example(Random random, Term term) => Roughen(random, Fill(random, random.Pick(ForExample), term));

    public static string Benefits(Random random, Term term) => Roughen(random, Fill(random, random.Pick(ForBenefits), term));

    public static string Difference(Random random, Term first, Term second) =>
        Fill(random, Fill(random, random.Pick(ForDifference), first).Replace("{u}", "{t}", StringComparison.Ordinal).Replace("{m}", "{n}", StringComparison.Ordinal), second);

    /// <summary>Puts a name in: the term's own or another, sometimes in other letters.</summary>
    public static string Fill(Random random, string question, Term term)
    {
        var isAlias = term.Aliases.Length > 0 && random.Chance(0.4);
        var name = isAlias ? random.Pick(term.Aliases) : term.Name;
        var isPlural = isAlias && name.EndsWith('s') && !term.Name.EndsWith('s');
        var article = isPlural || (isAlias && term.Article.Length == 0) || random.Chance(0.12) ? "" : term.Article;
        if (article == "a " && "aeiouAEIOU".Contains(name[0], StringComparison.Ordinal))
            article = "an ";
        if (article == "an " && !"aeiouAEIOU".Contains(name[0], StringComparison.Ordinal) && isAlias)
            article = "a ";
        if (isPlural)
            question = question.Replace("is {t}", "are {t}", StringComparison.Ordinal).Replace("does {t}", "do {t}", StringComparison.Ordinal);
        name = random.Next(20) switch
        {
            0 => name.ToLowerInvariant(),
            1 => name.ToUpperInvariant(),
            2 => $"\"{name}\"",
            _ => name,
        };
        var text = question.Replace("{t}", article + name, StringComparison.Ordinal).Replace("{n}", name, StringComparison.Ordinal);
        return random.Chance(0.9) ? char.ToUpperInvariant(text[0]) + text[1..] : text;
    }

    /// <summary>People write without care at times.</summary>
    private static string Roughen(Random random, string question) => random.Next(12) switch
    {
        0 => question.ToLowerInvariant(),
        1 => question.TrimEnd('?', '.', '!'),
        2 => question.ToLowerInvariant().TrimEnd('?', '.', '!'),
        3 => question.Replace("?", "??", StringComparison.Ordinal),
        _ => question,
    };
}
