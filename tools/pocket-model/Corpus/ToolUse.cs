using System.Globalization;

namespace ModelRunner.PocketModel.Corpus;

/// <summary>
/// Requests with functions, and the calls that fit. Functions are put together from verbs, things and parameters, so
/// that nearly none comes twice: what the model can learn is to copy names and values from the prompt.
/// </summary>
/// <param name="vocabulary">Words that make names and values as well; empty for the listed verbs and things alone.</param>
internal sealed class ToolUse(Explanations explanations, SmallTalk talk, IReadOnlyList<string> vocabulary)
{
    private static readonly string[] Verbs = ["get", "find", "create", "delete", "update", "send", "open", "close", "list", "read", "write", "check", "start", "stop", "book", "cancel", "order", "search", "add", "remove", "show", "play", "move", "copy", "archive", "publish", "print", "track", "rename", "share", "lock", "count", "convert", "translate", "schedule", "pay", "lookup", "fetch", "assign", "rate"];
    private static readonly string[] MoreNouns = ["weather", "flight", "hotel", "room", "song", "movie", "note", "reminder", "email", "file", "city", "price", "stock", "route", "alarm", "timer", "light", "car", "ticket", "page", "image", "contact", "payment", "ship", "container", "model", "token", "branch", "issue", "build", "job", "log", "disk", "backup", "pod", "volume", "sensor", "valve", "recipe", "team"];

    private sealed record Parameter(string Name, string Type, string Description, string Phrase, Func<Random, object> Make, string[]? Values = null);

    private static readonly Parameter[] Parameters =
    [
        new("city", "string", "The name of the city", "in {v}", City),
        new("location", "string", "The place", "in {v}", City),
        new("to", "string", "Who gets it", "to {v}", Person),
        new("recipient", "string", "The recipient", "for {v}", Person),
        new("name", "string", "The name", "named {v}", Name),
        new("title", "string", "The title", "with the title {q}", Name),
        new("user", "string", "The user", "of the user {v}", Person),
        new("id", "string", "The identifier", "{v}", Words.Code),
        new("order_id", "string", "The number of the order", "with the order number {v}", Words.Code),
        new("code", "string", "The code", "with the code {v}", Words.Code),
        new("date", "string", "The day", "on {v}", r => r.Pick(Words.Days)),
        new("day", "string", "The day of the week", "for {v}", r => r.Pick(Words.Days)),
        new("color", "string", "The color", "in {v}", r => r.Pick(Words.Colours), Words.Colours),
        new("language", "string", "The language", "in the language {v}", r => r.Pick(["English", "German", "French", "Spanish", "Italian", "Polish"])),
        new("country", "string", "The country", "in {v}", r => r.Pick(Words.Countries)),
        new("count", "integer", "How many", "{v} times", r => r.Next(2, 50)),
        new("amount", "number", "The amount", "over {v} euros", r => r.Next(1, 500)),
        new("limit", "integer", "The largest number of results", "with at most {v} results", r => r.Next(1, 100)),
        new("minutes", "integer", "The minutes", "for {v} minutes", r => r.Next(1, 120)),
        new("priority", "string", "The priority", "with {v} priority", r => r.Pick(["low", "high", "normal"]), ["low", "normal", "high"]),
        new("unit", "string", "The unit", "in {v}", r => r.Pick(["celsius", "fahrenheit"]), ["celsius", "fahrenheit"]),
        new("message", "string", "The text", "with the text {q}", Sentence),
        new("text", "string", "The text", "{q}", Sentence),
        new("query", "string", "What to look for", "for {q}", r => $"{r.Pick(Words.Colours)} {r.Pick(Words.Nouns)}"),
        new("topic", "string", "The topic", "about {v}", r => r.Pick(Words.Nouns) + "s"),
        new("path", "string", "The path of the file", "at {v}", r => $"/{r.Pick(Words.Nouns)}s/{Words.MadeUp(r, 1, 2)}.txt"),
        new("force", "boolean", "Whether to do it in any case", "by force", _ => true),
        new("urgent", "boolean", "Whether it is urgent", "urgently", _ => true),
        new("category", "string", "The category", "from the category {v}", r => r.Pick(Words.Nouns) + "s"),
        new("price", "number", "The price", "for {v} euros", r => r.Next(2, 300) + 0.5),
    ];

    private static readonly string[] Polite = ["{x}.", "Please {y}.", "Can you {y}?", "{x}, please.", "I want you to {y}.", "Could you {y}?", "{x}", "Would you {y}?", "I need you to {y}.", "{x} now.", "Hey, {y}.", "Let's {y}."];

    private sealed record Function(string Name, string Verb, string Noun, string Json, List<Parameter> Parameters);

    public Conversation Next(Random random)
    {
        var conversation = new Conversation { System = random.Chance(0.3) ? random.Pick(SystemRules.Ordinary) : null };
        var functions = new List<Function>();
        for (var count = random.Next(10) switch { < 5 => 1, < 8 => 2, 8 => 3, _ => 4 }; functions.Count < count;)
        {
            var function = Make(random);
            if (functions.TrueForAll(other => other.Name != function.Name))
                functions.Add(function);
        }

        if (random.Chance(vocabulary.Count > 0 ? 0.2 : 0.35))
        {
            AddEveryday(random, conversation, functions);
            return conversation;
        }

        foreach (var function in functions)
            conversation.Tools.Add(function.Json);

        // With functions at hand, other questions are still answered as ever.
        if (random.Chance(0.12))
        {
            if (random.Chance(0.5))
                explanations.AddExchange(random, conversation);
            else
                talk.AddExchange(random, conversation);
            return conversation;
        }

        AddCall(random, conversation, random.Pick(functions));
        if (random.Chance(0.4))
            AddResult(random, conversation);
        return conversation;
    }

    private static void AddCall(Random random, Conversation conversation, Function function)
    {
        var arguments = new List<(string Key, object Value)>();
        var phrases = new List<string>();
        foreach (var parameter in function.Parameters)
        {
            var value = parameter.Make(random);
            arguments.Add((parameter.Name, value));
            var written = value is string text ? text : JsonAnswers.Value(value);
            phrases.Add(parameter.Phrase.Replace("{v}", written, StringComparison.Ordinal).Replace("{q}", $"\"{written}\"", StringComparison.Ordinal));
        }

        var request = $"{function.Verb} {random.Pick(["the", "the", "a", "my", "this"])} {function.Noun} {string.Join(' ', phrases)}".Trim();
        if (random.Chance(0.15))
            request = $"{function.Verb} {function.Noun} {string.Join(", ", arguments.Select(argument => $"{argument.Key} {(argument.Value is string text ? text : JsonAnswers.Value(argument.Value))}"))}".Trim();
        var asked = random.Pick(Polite).Replace("{x}", Words.Capitalised(request), StringComparison.Ordinal).Replace("{y}", request, StringComparison.Ordinal);
        var call = $"{{\"name\": \"{function.Name}\", \"arguments\": {JsonAnswers.Object(arguments)}}}";
        conversation.User(asked).Add(new Message("assistant", "", call));
    }

    /// <summary>A function of everyday use among the others, asked for in other words than its own.</summary>
    private static void AddEveryday(Random random, Conversation conversation, List<Function> others)
    {
        var tool = random.Pick(EverydayTools.All);
        var name = random.Pick(tool.Names);
        var parameters = tool.Parameters.Select(parameter => new Parameter(random.Pick(parameter.Names), parameter.Type, parameter.Description, "", parameter.Make)).ToList();
        conversation.Tools.AddRange(others.Where(other => other.Name != name).Take(random.Next(2)).Select(other => other.Json));
        conversation.Tools.Insert(random.Next(conversation.Tools.Count + 1), Describe(random, name, tool.Description, parameters));

        var arguments = parameters.Select(parameter => (parameter.Name, Value: parameter.Make(random))).ToList();
        object[] written = [.. arguments.Select(argument => argument.Value is string text ? text : JsonAnswers.Value(argument.Value))];
        var question = string.Format(CultureInfo.InvariantCulture, random.Pick(tool.Questions), written);
        conversation.User(random.Chance(0.15) ? $"{random.Pick(["Hi!", "Hello.", "Please:", "Quick question:"])} {question}" : question)
            .Add(new Message("assistant", "", $"{{\"name\": \"{name}\", \"arguments\": {JsonAnswers.Object(arguments)}}}"));
        if (random.Chance(0.4))
            AddResult(random, conversation);
    }

    private static void AddResult(Random random, Conversation conversation)
    {
        (string Key, object Value)[] all =
        [
            ("temperature", random.Next(-10, 40)), ("status", random.Pick(["open", "done", "sent", "active", "closed"])), ("count", random.Next(100)), ("price", random.Next(1, 500)),
            ("name", random.Pick(Words.People)), ("id", Words.Code(random)), ("city", random.Pick(Words.Cities)), ("sky", random.Pick(["sunny", "cloudy", "rainy", "clear"])),
            ("size", random.Next(1, 9999)), ("color", random.Pick(Words.Colours)), ("day", random.Pick(Words.Days)), ("total", random.Next(1, 999)),
        ];
        if (random.Chance(0.15))
        {
            var error = random.Pick(["not found", "access denied", "timeout", "invalid value", "unknown user"]);
            conversation.Add(new Message("tool", $"{{\"error\": \"{error}\"}}")).Assistant($"That did not work: {error}.");
            return;
        }

        var facts = random.PickSome(all, random.Next(1, 4));
        var parts = facts.Select(fact => $"the {fact.Key} is {(fact.Value is string text ? text : JsonAnswers.Value(fact.Value))}").ToArray();
        var sentence = parts.Length == 1 ? parts[0] : string.Join(", ", parts[..^1]) + " and " + parts[^1];
        conversation.Add(new Message("tool", JsonAnswers.Object(facts))).Assistant(Words.Capitalised(sentence) + ".");
    }

    private Function Make(Random random)
    {
        var isFree = vocabulary.Count > 0;
        var verb = isFree && random.Chance(0.6) ? random.Pick(vocabulary) : random.Pick(Verbs);
        var noun = isFree && random.Chance(0.6) ? random.Pick(vocabulary) : random.Chance(0.5) ? random.Pick(MoreNouns) : random.Chance(0.5) ? random.Pick(Words.Nouns) : Words.MadeUp(random, 1, 3);
        var second = random.Chance(0.25) ? random.Pick(Words.Nouns) : "";
        var name = random.Next(5) switch
        {
            0 => verb + Words.Capitalised(noun) + (second.Length > 0 ? Words.Capitalised(second) : ""),
            1 => Words.Capitalised(verb) + Words.Capitalised(noun) + (second.Length > 0 ? Words.Capitalised(second) : ""),
            _ => $"{verb}_{noun}" + (second.Length > 0 ? $"_{second}" : ""),
        };
        var spoken = second.Length > 0 ? $"{noun} {second}" : noun;
        var parameters = random.PickSome(Parameters, random.Next(8) switch { 0 => 0, < 5 => 1, < 7 => 2, _ => 3 });
        if (random.Chance(isFree ? 0.4 : 0.25) && parameters.Count > 0)
        {
            // A parameter with a name that is nowhere else.
            var key = random.Chance(0.5) ? $"{random.Pick(Words.Nouns)}_{random.Pick(["id", "name", "type", "key"])}" : Words.MadeUp(random, 1, 2);
            var phrase = $"with {key.Replace('_', ' ')} {{v}}";
            if (isFree && random.Chance(0.6))
            {
                key = random.Pick(vocabulary);
                phrase = random.Pick([$"with {key} {{v}}", $"{key} {{v}}", $"with the {key} {{v}}", "{v}", "for {v}"]);
            }

            Func<Random, object> make = random.Chance(0.5) ? Words.Code : Name;
            parameters[0] = new Parameter(key, "string", $"The {key.Replace('_', ' ')}", phrase, isFree && random.Chance(0.4) ? r => r.Pick(vocabulary) : make);
        }

        var described = random.Chance(0.8) ? $"{Words.Capitalised(verb)} the {spoken}" : "";
        return new Function(name, verb, spoken, Describe(random, name, described, parameters), parameters);
    }

    private static string Describe(Random random, string name, string description, List<Parameter> parameters)
    {
        var withDescriptions = random.Chance(0.6);
        var properties = parameters.Select(parameter =>
        {
            var fields = new List<string> { $"\"type\": \"{parameter.Type}\"" };
            if (parameter.Values is { } values && random.Chance(0.7))
                fields.Add($"\"enum\": [{string.Join(", ", values.Select(JsonAnswers.Quote))}]");
            if (withDescriptions)
                fields.Insert(random.Chance(0.8) ? fields.Count : 0, $"\"description\": {JsonAnswers.Quote(parameter.Description)}");
            return $"\"{parameter.Name}\": {{{string.Join(", ", fields)}}}";
        });
        var schema = new List<string> { "\"type\": \"object\"", $"\"properties\": {{{string.Join(", ", properties)}}}" };
        if (parameters.Count > 0 && random.Chance(0.75))
            schema.Add($"\"required\": [{string.Join(", ", parameters.Select(parameter => JsonAnswers.Quote(parameter.Name)))}]");
        if (random.Chance(0.15))
            schema.Add("\"additionalProperties\": false");
        var members = new List<string> { $"\"name\": \"{name}\"" };
        if (description.Length > 0)
            members.Add($"\"description\": {JsonAnswers.Quote(description + (random.Chance(0.5) ? "." : ""))}");
        members.Add($"\"parameters\": {{{string.Join(", ", schema)}}}");
        if (random.Chance(0.1))
            members.Add("\"strict\": true");
        if (random.Chance(0.15))
            (members[0], members[^1]) = (members[^1], members[0]);
        return $"{{{string.Join(", ", members)}}}";
    }

    private static string City(Random random) => random.Chance(0.8) ? random.Pick(Words.Cities) : Words.Capitalised(Words.MadeUp(random, 1, 3));

    private static string Person(Random random) => random.Chance(0.8) ? random.Pick(Words.People) : Words.Capitalised(Words.MadeUp(random, 1, 3));

    private static string Name(Random random) => random.Next(4) switch
    {
        0 => $"{Words.Capitalised(random.Pick(Words.Colours))} {random.Pick(Words.Nouns)}",
        1 => Words.MadeUp(random, 1, 3),
        2 => $"{Words.Capitalised(Words.MadeUp(random, 1, 2))} {random.Next(10).ToString(CultureInfo.InvariantCulture)}",
        _ => Words.Capitalised(random.Pick(Words.Nouns)),
    };

    private static string Sentence(Random random) => random.Next(4) switch
    {
        0 => $"I will be late by {random.Next(2, 60)} minutes",
        1 => $"The {random.Pick(Words.Nouns)} is {random.Pick(Words.Colours)}",
        2 => $"{random.Pick(Words.People)} needs the {random.Pick(Words.Nouns)} on {random.Pick(Words.Days)}",
        _ => $"{random.Pick(["Hello", "Hi", "Dear"])} {random.Pick(Words.People)}",
    };
}
