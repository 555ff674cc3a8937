using System.Text;

namespace ModelRunner.PocketModel.Corpus;

/// <summary>Writes conversations as the model's chat template does. A test of the evaluation renders both.</summary>
internal static class ChatMarkup
{
    public const string Start = "<|im_start|>";
    public const string End = "<|im_end|>";

    public static string Render(Conversation conversation)
    {
        var text = new StringBuilder();
        if (conversation.Tools.Count > 0)
        {
            text.Append(Start).Append("system\n");
            if (conversation.System is { } system)
                text.Append(system).Append("\n\n");
            text.Append("Functions that you may call:\n<tools>");
            foreach (var tool in conversation.Tools)
                text.Append('\n').Append(tool);
            text.Append("\n</tools>").Append(End).Append('\n');
        }
        else if (conversation.System is { } system)
        {
            text.Append(Start).Append("system\n").Append(system).Append(End).Append('\n');
        }

        var previous = "";
        for (var i = 0; i < conversation.Messages.Count; i++)
        {
            var message = conversation.Messages[i];
            if (message.Role == "tool")
            {
                if (previous != "tool")
                    text.Append(Start).Append("user");
                text.Append("\n<tool_response>\n").Append(message.Content).Append("\n</tool_response>");
                if (i + 1 == conversation.Messages.Count || conversation.Messages[i + 1].Role != "tool")
                    text.Append(End).Append('\n');
            }
            else
            {
                text.Append(Start).Append(message.Role).Append('\n').Append(message.Content);
                for (var call = 0; call < message.Calls.Count; call++)
                {
                    if (call > 0 || message.Content.Length > 0)
                        text.Append('\n');
                    text.Append("<tool_call>\n").Append(message.Calls[call]).Append("\n</tool_call>");
                }

                text.Append(End).Append('\n');
            }

            previous = message.Role;
        }

        return text.ToString();
    }
}
