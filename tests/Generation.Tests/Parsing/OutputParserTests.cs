using ModelRunner.Generation.Parsing;

namespace ModelRunner.Generation.Tests.Parsing;

public sealed class OutputParserTests
{
    private const string Paris = "{\"city\": \"Paris\"}";

    /// <summary>Format, what a model writes in it, and the calls in that.</summary>
    public static TheoryData<string, string, string> Shapes => new()
    {
        { "tags", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>", "get_weather" + Paris },
        { "tags", "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>\n<tool_call>\n{\"arguments\": {\"query\": \"a\"}, \"name\": \"search\"}\n</tool_call>", "get_weather" + Paris + " search{\"query\": \"a\"}" },
        { "granite", "<|tool_call|>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}]", "get_weather" + Paris },
        { "nemotron", "<TOOLCALL>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}}, {\"name\": \"search\", \"arguments\": {}}]</TOOLCALL>", "get_weather" + Paris + " search{}" },
        { "apriel", "<tool_calls>[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"c1\"}]</tool_calls>", "get_weather#c1" + Paris },
        { "bare-json", "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}", "get_weather" + Paris },
        { "llama-python-tag", "<|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}", "get_weather" + Paris },
        { "mistral-id", "[TOOL_CALLS][{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"abcdef123\"}]", "get_weather#abcdef123" + Paris },
        { "mistral-id", "[TOOL_CALLS]get_weather[CALL_ID]abcdef123[ARGS]{\"city\": \"Paris\"}", "get_weather#abcdef123" + Paris },
        { "mistral-id", "[TOOL_CALLS]get_weather[ARGS]{\"city\": \"Paris\"}[TOOL_CALLS]search[ARGS]{\"query\": \"a\"}", "get_weather" + Paris + " search{\"query\": \"a\"}" },
        { "function-tag", "<function=get_weather>{\"city\": \"Paris\"}</function>", "get_weather" + Paris },
        { "deepseek", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Paris\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "get_weather" + Paris },
        { "deepseek-fenced", "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n```json\n{\"city\": \"Paris\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>", "get_weather" + Paris },
        { "tagged", "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n<parameter=days>\n3\n</parameter>\n</function>\n</tool_call>", "get_weather{\"city\": \"Paris\", \"days\": 3}" },
        { "glm", "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>12</arg_value>\n<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>", "get_weather{\"city\": \"12\", \"days\": 3}" },
        { "minimax", "<minimax:tool_call>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Paris</parameter>\n</invoke>\n</minimax:tool_call>", "get_weather" + Paris },
        { "dsml", "<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"get_weather\">\n<｜DSML｜parameter name=\"city\" string=\"true\">Paris</｜DSML｜parameter>\n<｜DSML｜parameter name=\"days\" string=\"false\">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>", "get_weather{\"city\": \"Paris\", \"days\": 3}" },
        { "kimi", "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{\"city\": \"Paris\"}<|tool_call_end|><|tool_calls_section_end|>", "get_weather#functions.get_weather:0" + Paris },
        { "harmony", "<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Paris\"}", "get_weather" + Paris },
        { "functionary", ">>>get_weather\n{\"city\": \"Paris\"}", "get_weather" + Paris },
        { "bare-python", "[get_weather(city=\"Paris\", days=3), search(query='it\\'s')]", "get_weather{\"city\": \"Paris\", \"days\": 3} search{\"query\": \"it's\"}" },
        { "python-tags", "<|tool_call_start|>[get_weather(city=\"Paris\")]<|tool_call_end|>", "get_weather" + Paris },
        { "gemma", "<|tool_call>call:get_weather{city:<|\"|>Paris<|\"|>,days:3}<tool_call|>", "get_weather{\"city\": \"Paris\", \"days\": 3}" },
        { "apertus", "<|tools_prefix|>[{\"get_weather\": {\"city\": \"Paris\"}}]<|tools_suffix|>", "get_weather" + Paris },
        { "command-r", "Action:\n```json\n[{\"tool_name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}]\n```", "get_weather" + Paris },
        { "cohere-action", "<|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"get_weather\", \"parameters\": {\"city\": \"Paris\"}}]<|END_ACTION|>", "get_weather#0" + Paris },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Push_EverySplitInTwo_GivesTheSameCalls(string format, string text, string calls)
    {
        var shape = Calls(format);
        for (var cut = 0; cut <= text.Length; cut++)
            Assert.Equal(new Parsed("", "", calls), Parsed.Of(shape, [text[..cut], text[cut..]]));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Push_CharacterByCharacterWithReasoningAndContent_SplitsThem(string format, string text, string calls)
    {
        // A bare call has nothing before it.
        var shape = Calls(format) with { Reasoning = new ReasoningFormat("<think>", "</think>") };
        var content = shape.Calls!.IsBare ? "" : "Let me look.";
        var whole = $"<think>\nHm < that.\n</think>\n\n{content}\n{text}";

        Assert.Equal(new Parsed("Hm < that.", content, calls), Parsed.Of(shape, whole.Select(letter => letter.ToString())));
    }

    [Theory]
    [InlineData("tags", "a <tool_call>\n{\"name\": \"get_weather\", \"arg\n</tool_call> b")]
    [InlineData("tags", "a <tool_call> is a tag")]
    [InlineData("tags", "a <tool_call>{\"x\": 1}</tool_call> b")]
    [InlineData("mistral-id", "[TOOL_CALLS] what?")]
    [InlineData("bare-json", "{\"name\": \"unknown\", \"parameters\": {}}")]
    [InlineData("bare-json", "{\"a\": 1}")]
    [InlineData("bare-python", "[1, 2]")]
    [InlineData("kimi", "<|tool_calls_section_begin|>x")]
    public void Push_WhatIsNoCall_IsContent(string format, string text)
    {
        for (var cut = 0; cut <= text.Length; cut++)
            Assert.Equal(new Parsed("", text, ""), Parsed.Of(Calls(format), [text[..cut], text[cut..]]));
    }

    [Theory]
    [InlineData("</tool_call>")]
    [InlineData("\\\"quoted\\\" \\\\ \\u00e9 \\ud83c\\udf89")]
    [InlineData("🎉 {}[]<tool_call>")]
    [InlineData("</parameter></function>")]
    public void Push_MarkersInsideArguments_StayText(string value)
    {
        var text = $"<tool_call>\n{{\"name\": \"search\", \"arguments\": {{\"query\": \"{value}\"}}}}\n</tool_call>";
        for (var cut = 0; cut <= text.Length; cut++)
            Assert.Equal($"search{{\"query\": \"{value}\"}}", Parsed.Of(Calls("tags"), [text[..cut], text[cut..]]).Calls);
    }

    [Fact]
    public void Push_PromptOpenedReasoning_BeginsInIt()
    {
        var format = new OutputFormat { Reasoning = new ReasoningFormat("<think>", "</think>") };

        Assert.Equal(new Parsed("Hm.", "Yes.", ""), Parsed.Of(format, ["Hm.\n</th", "ink>\n\nYes."], startsInReasoning: true));
    }

    [Fact]
    public void Push_Harmony_SplitsItsChannels()
    {
        var format = Calls("harmony") with { Reasoning = OutputFormats.Reasonings[0], Noise = OutputFormats.HarmonyNoise };
        const string Text = "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Yes.";
        for (var cut = 0; cut <= Text.Length; cut++)
            Assert.Equal(new Parsed("Hm.", "Yes.", ""), Parsed.Of(format, [Text[..cut], Text[cut..]]));
    }

    [Fact]
    public void Push_LengthEndsACall_LeavesItsBeginning() =>
        Assert.Equal(
            new Parsed("", "", "get_weather{\"city\": \"Par"),
            Parsed.Of(Calls("tags"), ["<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Par"]));

    [Theory]
    [InlineData("functionary", ">>>", "", "", "")]
    [InlineData("functionary", ">>>", "all", "all", "")]
    [InlineData("functionary", ">>>", "all\nHi.", "Hi.", "")]
    [InlineData("functionary", ">>>", "get_weather", "get_weather", "")]
    [InlineData("functionary", ">>>", "{\"city\": 1}", "{\"city\": 1}", "")]
    [InlineData("functionary", ">>>", "get_weather\n" + Paris, "", "get_weather" + Paris)]
    [InlineData("functionary", ">>>", "all\n>>>>", ">>>>", "")]
    [InlineData("tags", "<tool_call>", "\nno call", "\nno call", "")]
    public void Begin_WithTextOfThePrompt_ReadsItAndDoesNotTellIt(string format, string written, string text, string content, string calls)
    {
        // Regression: what the prompt ends with came back as the beginning of the content.
        var shape = Calls(format) with { Noise = OutputFormats.FunctionaryNoise };
        for (var cut = 0; cut <= text.Length; cut++)
            Assert.Equal(new Parsed("", content, calls), Parsed.Of(shape, [text[..cut], text[cut..]], written: written));
    }

    private static OutputFormat Calls(string name) => new() { Calls = OutputFormats.Calls.Single(format => format.Name == name) };
}
