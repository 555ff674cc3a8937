namespace ModelRunner.PocketModel.Corpus;

/// <summary>Greetings, questions about the model itself, and what it cannot do.</summary>
internal sealed class SmallTalk
{
    private readonly List<(string[] Questions, List<string> Answers)> _groups = [];

    public SmallTalk(string path)
    {
        foreach (var block in File.ReadAllText(path).Split("\n\n").Skip(1))
        {
            var lines = block.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var questions = lines.Where(line => line[0] == '?').SelectMany(line => line[2..].Split('|', StringSplitOptions.TrimEntries));
            _groups.Add(([.. questions], [.. lines.Where(line => line[0] == '!').Select(line => line[2..])]));
        }
    }

    public void AddExchange(Random random, Conversation conversation)
    {
        var (questions, answers) = random.Pick(_groups);
        var question = random.Pick(questions);
        question = random.Next(8) switch
        {
            0 => question.ToLowerInvariant(),
            1 => question.TrimEnd('?', '.', '!'),
            2 => question + " Please tell me.",
            _ => question,
        };
        conversation.User(question).Assistant(random.Pick(answers));
    }
}
