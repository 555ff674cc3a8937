namespace ModelRunner.PocketModel.Corpus;

/// <summary>Mixes the generators into conversations. The same seed gives the same corpus.</summary>
internal sealed class CorpusBuilder
{
    private readonly Explanations _explanations;
    private readonly SmallTalk _talk;
    private readonly Stories _stories;
    private readonly SystemRules _rules;
    private readonly JsonAnswers _json;
    private readonly ToolUse _tools;
    private readonly ToolUse _freeTools;
    private readonly JsonAnswers _freeJson;
    private readonly Drills _drills;

    public CorpusBuilder(string folder)
    {
        Terms = Term.ReadAll(Path.Combine(folder, "terms"));
        var unknown = File.ReadAllText(Path.Combine(folder, "unknown.txt")).Trim().Split(", ");
        _explanations = new Explanations(Terms, unknown);
        _talk = new SmallTalk(Path.Combine(folder, "talk.txt"));
        _stories = new Stories(Path.Combine(folder, "stories.txt"));
        _rules = new SystemRules(_explanations);
        _json = new JsonAnswers(Terms, []);
        _tools = new ToolUse(_explanations, _talk, []);
        var vocabulary = Words.Of(Terms);
        _freeTools = new ToolUse(_explanations, _talk, vocabulary);
        _freeJson = new JsonAnswers(Terms, vocabulary);
        _drills = new Drills(Terms, vocabulary);
    }

    public List<Term> Terms { get; }

    public IReadOnlyList<string> StoryThings => _stories.Things;

    public Conversation NextTools(Random random) => _tools.Next(random);

    /// <summary>
    /// A conversation of the training's second part. With the first part alone, the model had its sentences and could not
    /// copy: it called no function that it had not seen.
    /// </summary>
    public Conversation NextOfSecondPart(Random random)
    {
        var kind = random.Next(100);
        if (kind < 38)
            return _freeTools.Next(random);

        var conversation = new Conversation();
        if (kind < 54)
            _drills.AddExchange(random, conversation);
        else if (kind < 66)
            _freeJson.AddExchange(random, conversation);
        else
            return Next(random);

        return conversation;
    }

    /// <summary>The next conversation, of any kind.</summary>
    public Conversation Next(Random random)
    {
        var kind = random.Next(100);
        if (kind < 15)
            return _tools.Next(random);

        var conversation = new Conversation();
        if (kind < 27)
        {
            _rules.AddExchange(random, conversation);
            return conversation;
        }

        if (kind < 38)
        {
            _json.AddExchange(random, conversation);
            return conversation;
        }

        if (random.Chance(0.3))
            conversation.System = random.Pick(SystemRules.Ordinary);
        for (var turns = random.Next(10) switch { < 6 => 1, < 9 => 2, _ => 3 }; turns > 0; turns--)
        {
            switch (random.Next(54))
            {
                case < 32: _explanations.AddExchange(random, conversation); break;
                case < 39: _talk.AddExchange(random, conversation); break;
                case < 48: Sums.AddExchange(random, conversation); break;
                default: _stories.AddExchange(random, conversation); break;
            }
        }

        return conversation;
    }
}
