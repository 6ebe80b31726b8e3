//! The compiler gives up on what takes it long. To look through lists like this one is not.

use socket_protocol::prelude::*;

#[derive(Commands)]
pub enum WorkCommand {
    CreateWorkspace { id: u32 },
    RenameWorkspace { id: u32 },
    ArchiveWorkspace { id: u32 },
    RestoreWorkspace { id: u32 },
    CreateProject { id: u32 },
    RenameProject { id: u32 },
    ArchiveProject { id: u32 },
    RestoreProject { id: u32 },
    CreateMilestone { id: u32 },
    RenameMilestone { id: u32 },
    ArchiveMilestone { id: u32 },
    RestoreMilestone { id: u32 },
    CreateAssignment { id: u32 },
    RenameAssignment { id: u32 },
    ArchiveAssignment { id: u32 },
    RestoreAssignment { id: u32 },
    CreateDiscussion { id: u32 },
    RenameDiscussion { id: u32 },
    ArchiveDiscussion { id: u32 },
    RestoreDiscussion { id: u32 },
    CreateAttachment { id: u32 },
    RenameAttachment { id: u32 },
    ArchiveAttachment { id: u32 },
    RestoreAttachment { id: u32 },
    CreateNotification { id: u32 },
    RenameNotification { id: u32 },
    ArchiveNotification { id: u32 },
    RestoreNotification { id: u32 },
    CreateSubscription { id: u32 },
    RenameSubscription { id: u32 },
    ArchiveSubscription { id: u32 },
    RestoreSubscription { id: u32 },
    CreateOrganisation { id: u32 },
    RenameOrganisation { id: u32 },
    ArchiveOrganisation { id: u32 },
    RestoreOrganisation { id: u32 },
    CreatePermission { id: u32 },
    RenamePermission { id: u32 },
    ArchivePermission { id: u32 },
    RestorePermission { id: u32 },
    CreateIntegration { id: u32 },
    RenameIntegration { id: u32 },
    ArchiveIntegration { id: u32 },
    RestoreIntegration { id: u32 },
    CreateRepository { id: u32 },
    RenameRepository { id: u32 },
    ArchiveRepository { id: u32 },
    RestoreRepository { id: u32 },
    /// Longer than any name that is compared letter by letter.
    TellEverybodyEverybodyEverybodyEverybodyEverybodyEverybodyEverybodyEverybody { id: u32 },
}

#[derive(Events)]
pub enum WorkEvent {
    Done { id: u32 },
}

#[derive(Channels)]
pub enum WorkChannel {
    #[channel(
        "work",
        commands(
            CreateWorkspace, RenameWorkspace, ArchiveWorkspace, RestoreWorkspace,
            CreateProject, RenameProject, ArchiveProject, RestoreProject,
            CreateMilestone, RenameMilestone, ArchiveMilestone, RestoreMilestone,
            CreateAssignment, RenameAssignment, ArchiveAssignment, RestoreAssignment,
            CreateDiscussion, RenameDiscussion, ArchiveDiscussion, RestoreDiscussion,
            CreateAttachment, RenameAttachment, ArchiveAttachment, RestoreAttachment,
            CreateNotification, RenameNotification, ArchiveNotification, RestoreNotification,
            CreateSubscription, RenameSubscription, ArchiveSubscription, RestoreSubscription,
            CreateOrganisation, RenameOrganisation, ArchiveOrganisation, RestoreOrganisation,
            CreatePermission, RenamePermission, ArchivePermission, RestorePermission,
            CreateIntegration, RenameIntegration, ArchiveIntegration, RestoreIntegration,
            CreateRepository, RenameRepository, ArchiveRepository, RestoreRepository,
            TellEverybodyEverybodyEverybodyEverybodyEverybodyEverybodyEverybodyEverybody,
        ),
    )]
    Work,
}

#[derive(Protocol)]
#[protocol(name = "work", commands = WorkCommand, events = WorkEvent, channels = WorkChannel)]
pub struct Work;

fn main() {}
