namespace ModelRunner.Server.Streaming;

/// <summary>Turns the updates of one answer into events. Belongs to one response.</summary>
/// <typeparam name="TUpdate">A struct over memory that is valid during the call only.</typeparam>
internal interface IChunkWriter<TUpdate> where TUpdate : struct
{
    /// <summary>Appends what comes before the first update.</summary>
    void Begin(Utf8Buffer buffer);

    /// <summary>Appends the events of an update; none when it shows nothing.</summary>
    void Write(Utf8Buffer buffer, in TUpdate update);

    /// <summary>Appends what comes after the last update, but for <c>[DONE]</c>.</summary>
    void End(Utf8Buffer buffer);
}
