using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace NasSyncTests
{
    // A host that answers every question from a list. Question 0 is Yes, 1 is Yes to All, 2 is No, 3 is No to All in PowerShell's own prompt;
    // the list says 0 for yes and 1 for no. It also remembers the progress it was shown.
    public sealed class AnsweringHost : PSHost
    {
        private readonly AnsweringInterface _interface;

        public AnsweringHost(Queue<int> answers, List<string> questions, List<ProgressRecord> progress) =>
            _interface = new AnsweringInterface(answers, questions, progress);

        public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

        public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

        public override Guid InstanceId { get; } = Guid.NewGuid();

        public override string Name => "AnsweringHost";

        public override PSHostUserInterface UI => _interface;

        public override Version Version => new Version(1, 0);

        public override void EnterNestedPrompt() => throw new NotSupportedException();

        public override void ExitNestedPrompt() => throw new NotSupportedException();

        public override void NotifyBeginApplication() { }

        public override void NotifyEndApplication() { }

        public override void SetShouldExit(int exitCode) { }
    }

    public sealed class AnsweringInterface : PSHostUserInterface
    {
        private readonly Queue<int> _answers;
        private readonly List<string> _questions;
        private readonly List<ProgressRecord> _progress;

        public AnsweringInterface(Queue<int> answers, List<string> questions, List<ProgressRecord> progress)
        {
            _answers = answers;
            _questions = questions;
            _progress = progress;
        }

        public override PSHostRawUserInterface RawUI => null;

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
        {
            _questions.Add(message);
            return _answers.Dequeue() == 0 ? 0 : 2;
        }

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
            throw new NotSupportedException();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes,
            PSCredentialUIOptions options) => throw new NotSupportedException();

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override void Write(string value) { }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) { }

        public override void WriteLine(string value) { }

        public override void WriteDebugLine(string message) { }

        public override void WriteErrorLine(string value) { }

        public override void WriteVerboseLine(string message) { }

        public override void WriteWarningLine(string message) { }

        public override void WriteProgress(long sourceId, ProgressRecord record) => _progress.Add(record);
    }
}
