namespace ModelRunner.Server.Requests;

/// <summary>A call as read from the wire, which asks for a model.</summary>
internal interface IModelCall
{
    CallTarget Target { get; }
}
