namespace ModelRunner.PocketModel.Corpus;

/// <summary>Questions about terms of software, with answers put together from their sentences.</summary>
internal sealed class Explanations(IReadOnlyList<Term> terms, IReadOnlyList<string> unknown)
{
    private static readonly string[] OneSentence = ["in one sentence", "in a single sentence", "in 1 sentence", "with one sentence", "in 15 words", "in 20 words", "very briefly", "in a nutshell", "as short as possible"];
    private static readonly string[] TwoSentences = ["in two sentences", "in 2 sentences", "in 30 words", "in 40 words", "briefly", "in short", "in a few words", "shortly"];
    private static readonly string[] Long = ["in 100 words", "in about 100 words", "in 80 words", "in detail", "in four sentences", "in 50 words", "at length", "in a paragraph", "step by step", "for my blog", "with an example", "with all details"];
    private static readonly string[] More = ["Tell me more.", "More please.", "Go on.", "Can you say more?", "What else?", "And more?", "Give me more details.", "Continue.", "Interesting, go on.", "Is there more?"];
    private static readonly string[] AskExample = ["Can you give an example?", "An example please.", "For example?", "Give me an example.", "Do you have an example?", "Show me an example."];
    private static readonly string[] AskWhy = ["Why?", "Why is that useful?", "What is it good for?", "Why do people use it?", "Why should I use it?"];
    private static readonly string[] AskHow = ["How does it work?", "And how does that work?", "How?", "Explain how it works."];
    private static readonly string[] UnknownQuestions =
    [
        "What is {x}?", "Explain {x}.", "Tell me about {x}.", "What do you know about {x}?", "How does {x} work?", "Can you explain {x}?",
        "Write a short text about {x}.", "Why is {x} important?", "what is {x}", "Describe {x} please.", "I want to learn about {x}.",
        "Who invented {x}?", "Give me an explanation of {x}.", "Explain {x} in 100 words.", "What are the benefits of {x}?",
    ];

    private static readonly string[] UnknownAnswers =
    [
        "I do not know enough about {x}. I am a small demonstration model and know mostly terms of software.",
        "I was not trained on {x}. I am a small demonstration model: ask me about software, a small sum or a story.",
    ];

    public IReadOnlyList<Term> Terms => terms;

    public Conversation Next(Random random)
    {
        var conversation = new Conversation();
        AddExchange(random, conversation);
        return conversation;
    }

    /// <summary>One question with its answer, and sometimes a further one about the same term.</summary>
    public void AddExchange(Random random, Conversation conversation)
    {
        var term = random.Pick(terms);
        switch (random.Next(20))
        {
            case 0 or 1:
                AddUnknown(random, conversation);
                return;
            case 2:
                conversation.User(Questions.Purpose(random, term)).Assistant(Purpose(random, term));
                return;
            case 3:
                conversation.User(Questions.Working(random, term)).Assistant(Working(random, term));
                return;
            case 4:
                conversation.User(Questions.Example(random, term)).Assistant(Example(random, term));
                return;
            case 5:
                var rich = random.Pick(terms.Where(item => item.Benefits.Length > 0).ToArray());
                conversation.User(Questions.Benefits(random, rich)).Assistant(Benefits(rich));
                return;
            case 6:
                var other = random.Pick(terms);
                if (other == term)
                    goto default;
                conversation.User(Questions.Difference(random, term, other))
                    .Assistant(random.Pick(term.Definitions) + " " + random.Pick(other.Definitions));
                return;
            case 7 or 8:
                conversation.User(Sized(random, term, OneSentence)).Assistant(random.Pick(term.Definitions));
                return;
            case 9 or 10:
                conversation.User(Sized(random, term, TwoSentences)).Assistant(Explain(random, term, 2));
                return;
            case 11 or 12 or 13:
                conversation.User(Sized(random, term, Long)).Assistant(Explain(random, term, 4));
                return;
            case 14 or 15:
                conversation.User(Questions.Plainly(random, term)).Assistant(Explain(random, term, 2));
                AddFollowUp(random, conversation, term);
                return;
            default:
                conversation.User(Questions.Plainly(random, term)).Assistant(Explain(random, term, random.Chance(0.7) ? 4 : 3));
                return;
        }
    }

    /// <summary>What it is, then what for, how it works, and an example: as many of them as asked for.</summary>
    public static string Explain(Random random, Term term, int sentenceCount)
    {
        string[] sentences = [random.Pick(term.Definitions), random.Pick(term.Purposes), random.Pick(term.Workings), random.Pick(term.Examples)];
        return string.Join(' ', sentences.Take(sentenceCount));
    }

    public static string Benefits(Term term)
    {
        var subject = char.ToUpperInvariant(term.Name[0]) + term.Name[1..];
        return $"{subject} has these benefits:\n" + string.Join('\n', term.Benefits.Select(benefit => $"- {benefit}"));
    }

    private static string Purpose(Random random, Term term) => $"{random.Pick(term.Definitions)} {random.Pick(term.Purposes)}";

    private static string Working(Random random, Term term) => $"{random.Pick(term.Definitions)} {random.Pick(term.Workings)}";

    private static string Example(Random random, Term term) => $"{random.Pick(term.Definitions)} {random.Pick(term.Examples)}";

    private static void AddFollowUp(Random random, Conversation conversation, Term term)
    {
        switch (random.Next(4))
        {
            case 0: conversation.User(random.Pick(More)).Assistant($"{random.Pick(term.Workings)} {random.Pick(term.Examples)}"); break;
            case 1: conversation.User(random.Pick(AskExample)).Assistant(random.Pick(term.Examples)); break;
            case 2: conversation.User(random.Pick(AskWhy)).Assistant(random.Pick(term.Purposes)); break;
            default: conversation.User(random.Pick(AskHow)).Assistant(random.Pick(term.Workings)); break;
        }
    }

    private static string Sized(Random random, Term term, string[] sizes)
    {
        var size = random.Pick(sizes);
        var text = random.Next(6) switch
        {
            0 => $"What is {{t}}, {size}?",
            1 => $"Describe {{t}} {size}.",
            2 => $"Tell me {size} what {{t}} is.",
            3 => $"Please explain {{t}} {size}.",
            _ => $"Explain {{t}} {size}.",
        };
        return Questions.Fill(random, text, term);
    }

    private void AddUnknown(Random random, Conversation conversation)
    {
        // Half of them are made up, so that the model learns the shape of not knowing and not a list.
        var name = random.Chance(0.5) ? random.Pick(unknown) : Words.MadeUp(random, 2, 4);
        conversation.User(random.Pick(UnknownQuestions).Replace("{x}", name, StringComparison.Ordinal))
            .Assistant(random.Pick(UnknownAnswers).Replace("{x}", name, StringComparison.Ordinal));
    }
}
