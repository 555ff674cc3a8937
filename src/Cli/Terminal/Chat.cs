using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ModelRunner.Cli.Http;

namespace ModelRunner.Cli.Terminal;

/// <summary>A conversation at the terminal, which the model sees whole.</summary>
internal sealed class Chat
{
    private const string Help = """
        /bye            end
        /clear          forget the conversation
        /set NAME VALUE a setting of the request, such as: /set temperature 0
        three quotes    begin and end a text of several lines
        """;

    private const string Quotes = "\"\"\"";

    private readonly RunnerClient _client;
    private readonly string _model;
    private readonly JsonObject _settings;
    private readonly TextWriter _output;
    private readonly string? _system;
    private JsonArray _messages = new();

    public Chat(RunnerClient client, string model, JsonObject settings, TextWriter output, string? system)
    {
        _client = client;
        _model = model;
        _settings = settings;
        _output = output;
        _system = system;
        Clear();
    }

    /// <summary>Asks, writes the answer as it comes, and keeps both.</summary>
    public async Task AskAsync(string text, CancellationToken cancellationToken)
    {
        _messages.Add((JsonNode)ChatStream.Message("user", text));
        var answer = new StringBuilder();
        await foreach (var (piece, isReasoning) in ChatStream.RunAsync(_client, _model, _messages, _settings, cancellationToken))
        {
            if (!isReasoning) answer.Append(piece);
            await _output.WriteAsync(piece);
            await _output.FlushAsync(cancellationToken);
        }

        await _output.WriteLineAsync();
        _messages.Add((JsonNode)ChatStream.Message("assistant", answer.ToString()));
    }

    /// <summary>Reads and answers until the end.</summary>
    public async Task TalkAsync(TextReader input, CancellationToken cancellationToken)
    {
        await _output.WriteLineAsync($"Chat with {_model}. /? for help, /bye to end.");
        while (await ReadAsync(input, cancellationToken) is { } text)
        {
            switch (text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                case []: break;
                case ["/bye" or "/exit"]: return;
                case ["/?" or "/help"]: await _output.WriteLineAsync(Help); break;
                case ["/clear"]: Clear(); break;
                case ["/set", var name, var value]: _settings[name] = Value(value); break;
                case [['/', ..], ..]: await _output.WriteLineAsync("There is no such command; /? lists all."); break;
                default: await AskAsync(text, cancellationToken); break;
            }
        }
    }

    private void Clear() => _messages = _system is null ? new JsonArray() : new JsonArray(ChatStream.Message("system", _system));

    private async Task<string?> ReadAsync(TextReader input, CancellationToken cancellationToken)
    {
        await _output.WriteAsync("> ");
        await _output.FlushAsync(cancellationToken);
        if (await input.ReadLineAsync(cancellationToken) is not { } line) return null;
        if (!line.StartsWith(Quotes, StringComparison.Ordinal)) return line.Trim();
        var text = new StringBuilder(line[Quotes.Length..]);
        while (await input.ReadLineAsync(cancellationToken) is { } next)
        {
            text.Append('\n').Append(next);
            if (next.EndsWith(Quotes, StringComparison.Ordinal)) break;
        }

        return text.ToString().Replace(Quotes, "", StringComparison.Ordinal).Trim();
    }

    private static JsonValue Value(string text) =>
        long.TryParse(text, CultureInfo.InvariantCulture, out var integer) ? JsonValue.Create(integer)
        : double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number)
        : bool.TryParse(text, out var flag) ? JsonValue.Create(flag)
        : JsonValue.Create(text);
}
