namespace ModelRunner.PocketModel.Corpus;

/// <summary>System prompts that the model follows in simple ways.</summary>
internal sealed class SystemRules(Explanations explanations)
{
    /// <summary>Prompts that change nothing, as most applications send them.</summary>
    public static readonly string[] Ordinary =
    [
        "You are a helpful assistant.", "You are a helpful AI assistant.", "You are a friendly assistant.", "You are an assistant.",
        "You are a helpful, honest assistant.", "Be helpful.", "You help developers.", "You are a good teacher.",
        "You are an expert in software.", "Answer the questions of the user.", "You are a helpful assistant. Be precise.",
        "You answer questions about software.", "Be kind and clear.", "You are a chat bot.", "You are Pocket, a small language model.",
        "You are a coding assistant.", "Help the user with questions.", "You are a polite assistant that answers in English.",
    ];

    private static readonly string[] Words1 = ["Over and out.", "That is all.", "Have a nice day.", "Hope this helps!", "Stay curious.", "Best regards.", "Done.", "Ahoy!", "Dear friend,", "Well,", "Listen:", "Here you are:", "Good question!", "Sure thing!", "Meow!", "Beep boop.", "Roger."];

    public void AddExchange(Random random, Conversation conversation)
    {
        var term = random.Pick(explanations.Terms);
        var question = Questions.Plainly(random, term);
        switch (random.Next(10))
        {
            case 0 or 1:
                conversation.System = random.Pick(["Answer in one sentence.", "Always answer in one sentence.", "Use one sentence only.", "Keep every answer to one sentence.", "You are a helpful assistant. Answer in one sentence.", "Be very brief: one sentence.", "Reply with a single sentence.", "One sentence is enough for each answer."]);
                conversation.User(question).Assistant(random.Pick(term.Definitions));
                return;
            case 2:
                conversation.System = random.Pick(["Answer as a list.", "Always answer with a list.", "Use bullet points.", "Answer in bullet points.", "Write every answer as a list with dashes.", "You are a helpful assistant. Answer as a list."]);
                conversation.User(question).Assistant($"- {random.Pick(term.Definitions)}\n- {random.Pick(term.Purposes)}\n- {random.Pick(term.Workings)}");
                return;
            case 3 or 4:
                var last = Phrase(random);
                conversation.System = random.Pick(["End every answer with \"{w}\"", "Finish each answer with: {w}", "Always end with \"{w}\"", "The last words of your answer are: {w}", "You are a helpful assistant. End every answer with \"{w}\""]).Replace("{w}", last, StringComparison.Ordinal);
                conversation.User(question).Assistant($"{Explanations.Explain(random, term, 2)} {last}");
                return;
            case 5 or 6:
                var first = Phrase(random);
                conversation.System = random.Pick(["Begin every answer with \"{w}\"", "Start each answer with: {w}", "Always begin with \"{w}\"", "The first words of your answer are: {w}", "You are a helpful assistant. Start every answer with \"{w}\""]).Replace("{w}", first, StringComparison.Ordinal);
                conversation.User(question).Assistant($"{first} {Explanations.Explain(random, term, 2)}");
                return;
            case 7 or 8:
                AddIdentity(random, conversation);
                return;
            default:
                var (sum, result) = Sums.Sum(random);
                conversation.System = random.Pick(["Answer with a number only.", "Give only the number.", "Reply with just the number.", "Only numbers as answers."]);
                conversation.User($"What is {Sums.Write(sum, random.Chance(0.3))}?").Assistant($"{result}");
                return;
        }
    }

    private static string Phrase(Random random) => random.Chance(0.3)
        ? random.Pick(Words1)
        : random.Next(3) switch
        {
            0 => Words.Capitalised(Words.MadeUp(random, 1, 3)) + "!",
            1 => $"{Words.Capitalised(random.Pick(Words.Colours))} {random.Pick(Words.Animals)}.",
            _ => $"{Words.Capitalised(random.Pick(Words.Nouns))} {random.Pick(Words.Nouns)} {random.Next(100)}.",
        };

    private static void AddIdentity(Random random, Conversation conversation)
    {
        var name = random.Chance(0.5) ? Words.Capitalised(Words.MadeUp(random, 1, 3)) : random.Pick(Words.People);
        var user = random.Pick(Words.People);
        switch (random.Next(3))
        {
            case 0:
                conversation.System = random.Pick(["Your name is {x}.", "You are {x}.", "You are called {x}.", "You are {x}, a helpful assistant.", "Act as {x}."]).Replace("{x}", name, StringComparison.Ordinal);
                conversation.User(random.Pick(["What is your name?", "Who are you?", "Hello, who are you?", "How should I call you?", "Introduce yourself.", "Tell me your name."])).Assistant($"My name is {name}. How can I help you?");
                break;
            case 1:
                var job = random.Pick(["the assistant of", "a helper at", "the guide of", "an assistant made for"]);
                var company = Words.Capitalised(Words.MadeUp(random, 1, 3));
                conversation.System = $"You are {name}, {job} {company}.";
                conversation.User(random.Pick(["Who are you?", "Hello, who are you?", "Introduce yourself.", "What are you?"])).Assistant($"I am {name}, {job} {company}. How can I help you?");
                break;
            default:
                conversation.System = random.Pick(["The user is called {x}.", "The name of the user is {x}.", "You talk to {x}.", "Greet the user as {x}."]).Replace("{x}", user, StringComparison.Ordinal);
                if (random.Chance(0.5))
                    conversation.User(random.Pick(["Hello", "Hi", "Good morning", "Hey", "Hello!"])).Assistant($"Hello {user}! How can I help you?");
                else
                    conversation.User(random.Pick(["What is my name?", "Who am I?", "Do you know my name?", "Say my name."])).Assistant($"Your name is {user}.");
                break;
        }
    }
}
