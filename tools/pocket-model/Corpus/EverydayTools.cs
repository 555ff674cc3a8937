namespace ModelRunner.PocketModel.Corpus;

/// <summary>Functions that people really write, asked for in everyday words instead of the function's own.</summary>
internal static class EverydayTools
{
    public sealed record Tool(string[] Names, string Description, (string[] Names, string Type, string Description, Func<Random, object> Make)[] Parameters, string[] Questions);

    public static readonly Tool[] All =
    [
        new(["get_weather", "weather", "getWeather", "current_weather", "get_current_weather", "weather_lookup", "get_forecast", "GetWeather"], "Get the current weather of a city",
            [(["city", "location", "place"], "string", "The city", City)],
            ["What is the weather in {0}?", "How is the weather in {0}?", "Will it rain in {0}?", "Is it sunny in {0} today?", "Weather in {0}?", "What's the weather like in {0}?", "Tell me the weather for {0}.", "Do I need an umbrella in {0}?", "How warm is it in {0}?", "Is it cold in {0}?", "I am going to {0}. What is the weather there?"]),
        new(["get_time", "current_time", "getTime", "time_in_city", "world_clock"], "Get the local time of a city",
            [(["city", "location", "timezone"], "string", "The city", City)],
            ["What time is it in {0}?", "Tell me the time in {0}.", "How late is it in {0}?", "What is the local time in {0}?", "Time in {0}?"]),
        new(["get_stock_price", "stock_price", "getStockPrice", "quote"], "Get the price of a stock",
            [(["symbol", "ticker"], "string", "The symbol", r => r.Pick(["MSFT", "AAPL", "NVDA", "AMZN", "IBM", "SAP", "ORCL", "INTC"]))],
            ["What is the price of {0}?", "How much is {0} now?", "What does a share of {0} cost?", "How is {0} doing?", "Price of {0}?"]),
        new(["send_email", "sendMail", "email", "send_message"], "Send an email",
            [(["to", "recipient", "address"], "string", "Who gets it", Person), (["subject", "title"], "string", "The subject", r => Words.Capitalised(r.Pick(Words.Nouns)))],
            ["Write an email to {0} about {1}.", "Send {0} a mail with the subject {1}.", "Mail {0} with the subject {1}, please.", "Can you send an email to {0}? The subject is {1}."]),
        new(["add_numbers", "add", "sum", "plus"], "Add two numbers",
            [(["a", "x", "first"], "integer", "The first number", r => r.Next(1000)), (["b", "y", "second"], "integer", "The second number", r => r.Next(1000))],
            ["What is {0} plus {1}?", "Add {0} and {1}.", "How much is {0} + {1}?", "Sum up {0} and {1}."]),
        new(["multiply", "mul", "times", "product"], "Multiply two numbers",
            [(["a", "x", "first"], "integer", "The first number", r => r.Next(1000)), (["b", "y", "second"], "integer", "The second number", r => r.Next(1000))],
            ["What is {0} times {1}?", "Multiply {0} by {1}.", "How much is {0} * {1}?"]),
        new(["set_timer", "timer", "startTimer"], "Set a timer",
            [(["minutes", "duration"], "integer", "The minutes", r => r.Next(1, 90))],
            ["Wake me in {0} minutes.", "Set a timer for {0} minutes.", "Remind me in {0} minutes.", "{0} minutes, starting now."]),
        new(["play_music", "playSong", "play"], "Play music",
            [(["artist", "song", "genre"], "string", "What to play", r => Words.Capitalised(Words.MadeUp(r, 1, 3)))],
            ["I want to hear {0}.", "Play {0}.", "Put on some {0}.", "Can I hear {0}?"]),
        new(["search_web", "web_search", "search", "google"], "Search the web",
            [(["query", "q", "text"], "string", "What to look for", r => $"{r.Pick(Words.Colours)} {r.Pick(Words.Nouns)}")],
            ["Look up {0} on the web.", "Search for {0}.", "Find {0} on the internet.", "What does the web say about {0}?", "Google {0}."]),
        new(["translate", "translate_text", "translateText"], "Translate a text",
            [(["text", "sentence"], "string", "The text", r => $"the {r.Pick(Words.Nouns)} is {r.Pick(Words.Colours)}"), (["language", "target", "to"], "string", "The language", r => r.Pick(["German", "French", "Spanish", "Italian", "Polish"]))],
            ["How do you say \"{0}\" in {1}?", "Translate \"{0}\" to {1}.", "What is \"{0}\" in {1}?"]),
        new(["turn_on_light", "light_on", "switchLight"], "Turn on a light",
            [(["room", "place"], "string", "The room", r => r.Pick(["kitchen", "bathroom", "bedroom", "garage", "hall", "office", "garden", "cellar"]))],
            ["It is dark in the {0}.", "Turn on the light in the {0}.", "Light in the {0}, please.", "Switch on the {0} light."]),
        new(["book_flight", "find_flight", "searchFlights"], "Find a flight",
            [(["from", "origin"], "string", "The start", City), (["to", "destination"], "string", "The goal", City)],
            ["I want to fly from {0} to {1}.", "Find a flight from {0} to {1}.", "How do I get from {0} to {1} by plane?", "Flights from {0} to {1}?"]),
        new(["get_order_status", "order_status", "trackOrder", "track_package"], "Get the status of an order",
            [(["order_id", "id", "number"], "string", "The number of the order", r => Words.Code(r))],
            ["Where is my order {0}?", "What is the status of order {0}?", "Has {0} been sent?", "When does my package {0} arrive?"]),
        new(["create_reminder", "remind", "addReminder"], "Create a reminder",
            [(["text", "title"], "string", "What to remember", r => $"buy a {r.Pick(Words.Nouns)}"), (["day", "date"], "string", "The day", r => r.Pick(Words.Days))],
            ["Remind me to {0} on {1}.", "On {1} I must {0}.", "Do not let me forget to {0} on {1}."]),
        new(["get_user", "find_user", "lookupUser"], "Get a user",
            [(["name", "username", "user"], "string", "The name", Person)],
            ["Who is {0}?", "What do we know about {0}?", "Look up {0}.", "Show me the data of {0}."]),
        new(["list_containers", "docker_ps", "listContainers"], "List the running containers", [],
            ["Which containers are running?", "Show all containers.", "What runs in Docker right now?", "List my containers."]),
        new(["get_date", "today", "currentDate"], "Get the date of today", [],
            ["What day is it?", "What is the date today?", "Tell me the date.", "Which day do we have?"]),
        new(["roll_dice", "rollDice", "dice"], "Roll dice",
            [(["count", "number", "n"], "integer", "How many dice", r => r.Next(1, 9))],
            ["Roll {0} dice.", "Throw {0} dice for me.", "I need {0} dice."]),
    ];

    private static string City(Random random) => random.Chance(0.8) ? random.Pick(Words.Cities) : Words.Capitalised(Words.MadeUp(random, 1, 3));

    private static string Person(Random random) => random.Chance(0.8) ? random.Pick(Words.People) : Words.Capitalised(Words.MadeUp(random, 1, 3));
}
