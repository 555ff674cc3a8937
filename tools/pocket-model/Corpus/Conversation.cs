namespace ModelRunner.PocketModel.Corpus;

/// <summary>A conversation of the corpus.</summary>
internal sealed class Conversation
{
    public string? System { get; set; }

    /// <summary>JSON of each function that may be called.</summary>
    public List<string> Tools { get; } = [];

    public List<Message> Messages { get; } = [];

    public Conversation User(string text) => Add(new Message("user", text));

    public Conversation Assistant(string text) => Add(new Message("assistant", text));

    public Conversation Add(Message message)
    {
        Messages.Add(message);
        return this;
    }
}
